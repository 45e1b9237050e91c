"""The live platform through what goes wrong: broker and engine killed, a run cancelled, records in every disorder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from fitness_assets.contracts.landing import TOPICS
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.kafka.settings import KafkaSettings
from fitness_assets.live.broker import Broker
from fitness_assets.live.engine import EngineServer
from fitness_assets.live.ports import free_port
from fitness_assets.sample.disorder import Disorder
from fitness_assets.sample.kafka_sink import KafkaSink
from fitness_assets.sample.landing import SampleSize, arrivals, write_calendar, write_part
from fitness_assets.sample.people import Event
from fitness_assets_tests.end_to_end.test_against_reference import assert_equals_reference, in_batches
from fitness_assets_tests.platform import Platform

EVERY = int(os.environ.get("FITNESS_LIVE_TEST_EVERY", "40"))
"""Seconds between two heart rates; 1 makes about 200,000 records, 40 some thousands."""
SIZE = SampleSize(users=44, days=2, every=EVERY, seed=5, disorder=Disorder(late=0.05, repeated=0.05, malformed=0.01))
RUN = [sys.executable, "-u", "-m", "fitness_assets.cli.main", "run"]


class Live:
    """A platform whose topics come from a broker and whose runs are processes on a shared engine."""

    def __init__(self, folder: Path, spark: SparkSession) -> None:
        self.platform = Platform(folder / "base", lambda: spark)
        self.shadow = folder / "shadow"
        self.broker = Broker(folder / "broker", free_port())
        self.engine = EngineServer(self.platform.settings)

    def __enter__(self) -> "Live":
        self.broker.start()
        self.engine.start("2g")
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.stop()
        self.broker.stop()

    @property
    def environment(self) -> dict[str, str]:
        engine = self.engine.found()
        assert engine is not None
        return os.environ | {
            "FITNESS_BASE_DIR": str(self.platform.settings.base_dir),
            "FITNESS_AS_OF": str(self.platform.settings.as_of),
            "KAFKA_BOOTSTRAP_SERVERS": self.broker.address,
            "SPARK_REMOTE": engine.address,
        }

    def send(self, events: list[Event], name: str) -> None:
        """To the broker and as CSV files; and all of it as files for the reference."""
        sink = KafkaSink({"bootstrap.servers": self.broker.address})
        sink.send([event for event in events if event[1] in TOPICS])
        sink.close()
        write_part(self.platform.settings.landing_zone, [event for event in events if event[1] not in TOPICS], name)
        write_part(self.shadow, events, name)

    def run(self) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(RUN, env=self.environment, capture_output=True, text=True, check=False, timeout=500)

    def run_until(self, seen: str, then: "signal.Signals | None") -> tuple[int, str]:
        """A run that something happens to once a line is seen: a signal to itself, or the engine's death."""
        with subprocess.Popen(
            RUN, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as run:
            assert run.stdout is not None
            lines = []
            for line in run.stdout:
                lines.append(line)
                if seen in line:
                    break
            if then is not None:
                run.send_signal(then)
            else:
                engine = self.engine.found()
                assert engine is not None
                os.kill(engine.pid, signal.SIGKILL)
            rest = run.communicate(timeout=300)[0]
            return run.returncode, "".join(lines) + rest


def test_whatever_is_killed_the_tables_equal_the_reference(spark: SparkSession, tmp_path: Path) -> None:
    with Live(tmp_path, spark) as live:
        write_calendar(live.platform.settings.landing_zone)
        write_calendar(live.shadow)
        first, second, third, fourth, fifth = in_batches(arrivals(SIZE), 5)
        live.send(first, "first")
        done = live.run()
        assert done.returncode == 0, done.stdout + done.stderr

        live.send(second, "second")
        live.broker.kill()
        done = live.run()
        assert done.returncode == 1
        assert "The Kafka broker" in done.stdout and "Traceback" not in done.stdout + done.stderr
        live.broker.start()

        live.send(third, "third")
        code, said = live.run_until("bronz_db.kafka_multiplex_bz", None)
        assert code == 1
        assert "The engine went away" in said and "Traceback" not in said
        live.engine.start("2g")

        live.send(fourth, "fourth")
        code, said = live.run_until("bronz_db.kafka_multiplex_bz", signal.SIGINT)
        assert code == 130, said

        live.send(fifth, "fifth")
        done = live.run()
        assert done.returncode == 0, done.stdout + done.stderr
        assert_equals_reference(live.platform, live.shadow)
        cluster = Cluster(KafkaSettings(live.broker.address, "fitness_assets_dev"))
        topics = cluster.topics(TOPICS)
        committed = cluster.committed(topics.values())
        assert committed == {
            (t.name, n): held.end for t in topics.values() for n, held in t.partitions.items() if held.end
        }
