"""A second distributed engine: a Spark standalone cluster of one master and two workers, chosen by `master` alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pyspark
import pytest

from fitness_assets.engine.java import java_home
from fitness_assets.live.child import Child
from fitness_assets.live.ports import answers, free_port
from fitness_assets.sample.landing import arrivals, write_calendar, write_part
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, assert_equals_reference, in_batches
from fitness_assets_tests.end_to_end.test_processes import environment
from fitness_assets_tests.platform import Platform

WORKERS = 2


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a master that both workers have joined."""
    folder, port = tmp_path_factory.mktemp("cluster"), free_port()
    address = f"spark://127.0.0.1:{port}"
    server = [str(java_home() / "bin" / "java"), "-Xmx256m", "-cp", f"{Path(pyspark.__file__).parent}/jars/*"]
    master = [*server, "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port)]
    worker = [*server, "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1"]
    variables = {"JAVA_HOME": str(java_home()), "SPARK_HOME": str(Path(pyspark.__file__).parent)}
    variables["SPARK_SCALA_VERSION"] = "2.13"
    with ExitStack() as ended:
        for name, command in [
            ("master", [*master, "--webui-port", "0"]),
            *(
                (
                    f"worker_{number}",
                    [*worker, "--memory", "1g", "--webui-port", "0", "--work-dir", str(folder / f"{number}"), address],
                )
                for number in range(WORKERS)
            ),
        ]:
            child = Child(name, command, folder / f"{name}.log", variables)
            ended.callback(child.stop)
            child.wait_until(
                lambda log=child.log, of=name: (
                    answers(port) if of == "master" else "Successfully registered with master" in log.read_text()
                ),
                60,
            )
        yield address


def test_the_whole_batch_test_on_a_standalone_cluster(cluster: str, platform: Platform, tmp_path: Path) -> None:
    write_calendar(platform.settings.landing_zone)
    command = [sys.executable, "-m", "fitness_assets.cli.main", "run"]
    variables = environment(platform, FITNESS_MASTER=cluster)
    for number, batch in enumerate(in_batches(arrivals(UNTIDY), 2)):
        write_part(platform.settings.landing_zone, batch, f"batch_{number}")
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert_equals_reference(platform)


def test_both_workers_have_worked(cluster: str, tmp_path: Path) -> None:
    code = """
from fitness_assets.engine.session import session
spark = session()
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
