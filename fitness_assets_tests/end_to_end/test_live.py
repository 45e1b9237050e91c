"""The live platform through what goes wrong: broker and engine killed, runs cancelled, records in every disorder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from dagster import DagsterInstance, DagsterRunStatus
from dagster_graphql import DagsterGraphQLClient
from pyspark.sql import SparkSession

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.live.broker.server import Broker
from fitness_assets.live.dagster.instance import dagster_home, launch_stream_run
from fitness_assets.live.engine.server import EngineServer
from fitness_assets.live.processes.managed_process import ManagedProcess
from fitness_assets.live.processes.ports import LOOPBACK, free_port, is_listening
from fitness_assets.pipeline.pending import LocalZoneView, pending_tables
from fitness_assets.sample.faults import Faults
from fitness_assets.sample.history import SampleSize, sample_arrivals
from fitness_assets.sample.kafka_sink import KafkaSink
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets.sample.people import Event
from fitness_assets.settings import KafkaSettings
from fitness_assets_tests.end_to_end.test_against_reference import assert_equals_reference, in_batches
from fitness_assets_tests.monitoring import run_status, status_after_monitoring
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.waiting import wait_until

pytestmark = pytest.mark.programs

EVERY = int(os.environ.get("FITNESS_LIVE_TEST_EVERY", "40"))
"""Seconds between two heart rates; 1 makes about 200,000 records, 40 some thousands."""
SIZE = SampleSize(
    users=44, days=2, reading_interval=EVERY, seed=5, faults=Faults(late=0.05, repeated=0.05, malformed=0.01)
)
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
        self.dagster: ManagedProcess | None = None

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
        engine = self.engine.last_started()
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
        write_events(self.platform.settings.landing_zone, [event for event in events if event[1] not in TOPICS], name)
        write_events(self.shadow, events, name)

    def run(self) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(RUN, env=self.environment, capture_output=True, text=True, check=False, timeout=500)

    def run_until(self, awaited: str, then: "signal.Signals | None") -> tuple[int, str]:
        """A run that something happens to once a line is seen: a signal to itself, or the engine's death."""
        with subprocess.Popen(
            RUN, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as run:
            assert run.stdout is not None
            lines = []
            for line in run.stdout:
                lines.append(line)
                if awaited in line:
                    break
            if then is not None:
                run.send_signal(then)
            else:
                engine = self.engine.last_started()
                assert engine is not None
                os.kill(engine.pid, signal.SIGKILL)
            remaining = run.communicate(timeout=300)[0]
            return run.returncode, "".join(lines) + remaining

    def start_dagster(self) -> None:
        """The web server that the UI talks to, with its code server, which runs become processes of."""
        command = [sys.executable, "-m", "dagster_webserver", "-m", "fitness_assets.definitions"]
        address = ["-h", LOOPBACK, "-p", str(self.ui)]
        environment = self.environment | {"DAGSTER_HOME": str(self.home)}
        self.dagster = ManagedProcess("Dagster", [*command, *address], self.home / "dagster.log", environment)
        self.dagster.wait_until(lambda: is_listening(self.ui), PATIENCE_SECONDS)

    def bronze(self) -> int:
        return self.platform.version("bronz_db.kafka_multiplex_bz")

    def everything_is_read(self) -> bool:
        """Whether the consumer group was given the ends of the topics, and every table has taken over what landed."""
        cluster = Cluster(KafkaSettings(servers=self.broker.address, group="fitness_assets_dev"))
        topics = cluster.describe_topics(TOPICS)
        ends = {
            (t.name, n): offsets.high for t in topics.values() for n, offsets in t.partitions.items() if offsets.high
        }
        return cluster.committed(topics.values()) == ends and not pending_tables(LocalZoneView(self.platform.lake))


def test_whatever_is_killed_the_tables_equal_the_reference(spark: SparkSession, tmp_path: Path) -> None:
    with Live(tmp_path, spark) as live, DagsterInstance.from_config(str(live.home)) as instance:
        write_calendar(live.platform.settings.landing_zone)
        write_calendar(live.shadow)
        first, second, third, fourth, fifth = in_batches(sample_arrivals(SIZE), 5)
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
        code, output = live.run_until("bronz_db.kafka_multiplex_bz", None)
        assert code == 1
        assert "The engine went away" in output and "Traceback" not in output
        live.engine.start("2g")

        live.send(fourth, "fourth")
        code, output = live.run_until("bronz_db.kafka_multiplex_bz", signal.SIGINT)
        assert code == 130, output

        # A stream run, terminated as the UI does it while its first interval is at work.
        live.start_dagster()
        live.send(fifth, "fifth")
        before = live.bronze()
        stream = launch_stream_run(live.ui, interval_seconds=1.0)
        wait_until(lambda: live.bronze() > before, PATIENCE_SECONDS)
        DagsterGraphQLClient(LOOPBACK, port_number=live.ui).terminate_run(stream)
        wait_until(lambda: run_status(instance, stream) in FINISHED, PATIENCE_SECONDS)
        assert run_status(instance, stream) is DagsterRunStatus.CANCELED

        # A new one goes on, until a power cut ends it with all of Dagster.
        stream = launch_stream_run(live.ui, interval_seconds=1.0)
        wait_until(live.everything_is_read, PATIENCE_SECONDS)
        assert live.dagster is not None
        live.dagster.kill()
        assert run_status(instance, stream) is DagsterRunStatus.STARTED
        assert status_after_monitoring(instance, stream) is DagsterRunStatus.FAILURE

        done = live.run()
        assert done.returncode == 0, done.stdout + done.stderr
        assert_equals_reference(live.platform, live.shadow)
        assert live.everything_is_read()
