"""The live platform through what goes wrong: broker and engine killed, runs cancelled, records in every disorder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dagster import DagsterInstance, DagsterRunStatus
from dagster_graphql import DagsterGraphQLClient
from pyspark.sql import SparkSession

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.kafka.settings import KafkaSettings
from fitness_assets.live.broker import Broker
from fitness_assets.live.child import Child
from fitness_assets.live.engine import EngineServer
from fitness_assets.live.instance import dagster_home, launch_stream
from fitness_assets.live.ports import LOOPBACK, answers, free_port
from fitness_assets.pipeline.state.pending import stale_tables
from fitness_assets.sample.disorder import Disorder
from fitness_assets.sample.kafka_sink import KafkaSink
from fitness_assets.sample.landing import SampleSize, arrivals, write_calendar, write_part
from fitness_assets.sample.people import Event
from fitness_assets_tests.end_to_end.test_against_reference import assert_equals_reference, in_batches
from fitness_assets_tests.monitoring import status, status_after_monitoring
from fitness_assets_tests.platform import Platform

EVERY = int(os.environ.get("FITNESS_LIVE_TEST_EVERY", "40"))
"""Seconds between two heart rates; 1 makes about 200,000 records, 40 some thousands."""
SIZE = SampleSize(users=44, days=2, every=EVERY, seed=5, disorder=Disorder(late=0.05, repeated=0.05, malformed=0.01))
FINISHED = {DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED}
PATIENCE_SECONDS = 240.0
RUN = [sys.executable, "-u", "-m", "fitness_assets.cli.main", "run"]


class Live:
    """A platform whose topics come from a broker and whose runs are processes on a shared engine."""

    def __init__(self, folder: Path, spark: SparkSession) -> None:
        self.platform = Platform(folder / "base", lambda: spark)
        self.shadow = folder / "shadow"
        self.broker = Broker(folder / "broker", free_port())
        self.engine = EngineServer(self.platform.settings)
        self.home = dagster_home(self.platform.settings)
        self.ui = free_port()
        self.dagster: Child | None = None

    def __enter__(self) -> "Live":
        self.broker.start()
        self.engine.start("2g")
        return self

    def __exit__(self, *_: object) -> None:
        if self.dagster is not None:
            self.dagster.stop()
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

    def start_dagster(self) -> None:
        """The web server that the UI talks to, with its code server, which runs become processes of."""
        command = [sys.executable, "-m", "dagster_webserver", "-m", "fitness_assets.definitions"]
        address = ["-h", LOOPBACK, "-p", str(self.ui)]
        environment = self.environment | {"DAGSTER_HOME": str(self.home)}
        self.dagster = Child("Dagster", [*command, *address], self.home / "dagster.log", environment)
        self.dagster.wait_until(lambda: answers(self.ui), PATIENCE_SECONDS)

    def bronze(self) -> int:
        return self.platform.version("bronz_db.kafka_multiplex_bz")

    def everything_is_read(self) -> bool:
        """Whether the consumer group was given the ends of the topics, and every table has taken over what landed."""
        cluster = Cluster(KafkaSettings(self.broker.address, "fitness_assets_dev"))
        topics = cluster.topics(TOPICS)
        ends = {(t.name, n): held.end for t in topics.values() for n, held in t.partitions.items() if held.end}
        return cluster.committed(topics.values()) == ends and not stale_tables(self.platform.lake)


def wait_for(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def test_whatever_is_killed_the_tables_equal_the_reference(spark: SparkSession, tmp_path: Path) -> None:
    with Live(tmp_path, spark) as live, DagsterInstance.from_config(str(live.home)) as instance:
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

        # A stream run, terminated as the UI does it while its first interval is at work.
        live.start_dagster()
        live.send(fifth, "fifth")
        before = live.bronze()
        stream = launch_stream(live.ui, every=1.0)
        wait_for(lambda: live.bronze() > before)
        DagsterGraphQLClient(LOOPBACK, port_number=live.ui).terminate_run(stream)
        wait_for(lambda: status(instance, stream) in FINISHED)
        assert status(instance, stream) is DagsterRunStatus.CANCELED

        # A new one goes on, until a power cut ends it with all of Dagster.
        stream = launch_stream(live.ui, every=1.0)
        wait_for(live.everything_is_read)
        assert live.dagster is not None
        live.dagster.kill()
        assert status(instance, stream) is DagsterRunStatus.STARTED
        assert status_after_monitoring(instance, stream) is DagsterRunStatus.FAILURE

        done = live.run()
        assert done.returncode == 0, done.stdout + done.stderr
        assert_equals_reference(live.platform, live.shadow)
        assert live.everything_is_read()
