"""A second distributed engine: a Spark standalone cluster of one master and two workers, chosen by `master` alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pyspark
import pytest

from fitness_assets.engine.java import java_home
from fitness_assets.live.processes.managed_process import ManagedProcess
from fitness_assets.live.processes.ports import LOOPBACK, free_port, is_listening
from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, assert_equals_reference, in_batches
from fitness_assets_tests.end_to_end.test_processes import environment
from fitness_assets_tests.platform import Platform

pytestmark = pytest.mark.programs

WORKERS = 2
START_SECONDS = 60


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a master that both workers have joined."""
    folder, port = tmp_path_factory.mktemp("cluster"), free_port()
    address = f"spark://{LOOPBACK}:{port}"
    with ExitStack() as cleanup:
        master = start_daemon("master.Master", folder / "master.log", "--port", str(port))
        cleanup.callback(master.stop)
        master.wait_until(lambda: is_listening(port), START_SECONDS)
        for number in range(WORKERS):
            options = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"{number}")]
            worker = start_daemon("worker.Worker", folder / f"worker_{number}.log", *options, address)
            cleanup.callback(worker.stop)
            worker.wait_until(partial(has_joined, worker), START_SECONDS)
        yield address


def start_daemon(main_class: str, log: Path, *options: str) -> ManagedProcess:
    spark_home = Path(pyspark.__file__).parent
    java = [str(java_home() / "bin" / "java"), "-Xmx256m", "-cp", f"{spark_home}/jars/*"]
    command = [*java, f"org.apache.spark.deploy.{main_class}", "--host", LOOPBACK, "--webui-port", "0", *options]
    environment = {"JAVA_HOME": str(java_home()), "SPARK_HOME": str(spark_home), "SPARK_SCALA_VERSION": "2.13"}
    return ManagedProcess(main_class, command, log, environment)


def has_joined(worker: ManagedProcess) -> bool:
    return "Successfully registered with master" in worker.log.read_text()


def test_the_whole_batch_test_on_a_standalone_cluster(cluster: str, platform: Platform, tmp_path: Path) -> None:
    write_calendar(platform.settings.landing_zone)
    command = [sys.executable, "-m", "fitness_assets.cli.main", "run"]
    variables = environment(platform, FITNESS_MASTER=cluster)
    for number, batch in enumerate(in_batches(sample_arrivals(UNTIDY), 2)):
        write_events(platform.settings.landing_zone, batch, f"batch_{number}")
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert_equals_reference(platform)


def test_both_workers_have_worked(cluster: str, tmp_path: Path) -> None:
    code = """
from fitness_assets.engine.spark_session import get_spark_session
spark = get_spark_session()
rows = spark.range(0, 64, 1, 8).selectExpr("java_method('java.lang.System', 'getProperty', 'user.dir') AS place")
print(sorted({row.place for row in rows.distinct().collect()}))
spark.stop()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"FITNESS_MASTER": cluster},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.stdout.count("/app-") == WORKERS, done.stdout + done.stderr
