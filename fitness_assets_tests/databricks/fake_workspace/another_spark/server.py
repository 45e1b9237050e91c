"""A Spark 4.0 that speaks Spark Connect, to the machines of all workspaces of a test run; and Spark in one of them."""

import os
import shutil
import subprocess
import time
from pathlib import Path
from threading import Lock

from fitness_assets.live.processes.ports import LOOPBACK, free_port, is_listening
from fitness_assets_tests.databricks.fake_workspace.another_spark import software
from fitness_assets_tests.databricks.fake_workspace.machine import processes
from fitness_assets_tests.databricks.fake_workspace.machine.mounts import MountNamespace

CATALOG = "dev"
"""The one catalog. Its schemas are those of all who use the server; a test drops them at its end."""
_START_SECONDS = 120.0
# What Spark itself would open on a Java from 17 up.
_OPENED = (
    *("java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs"),
    *("sun.security.action", "sun.util.calendar"),
)
_LOGGING = Path(software.__file__).parents[4] / "fitness_assets" / "engine" / "log4j2.properties"
# Databricks cuts an exchange into as many parts as pay; all else is as it comes, whatever our own engines set.
_FEW_PARTS = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.leafNodeDefaultParallelism": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
}
_SPARK = {
    "spark.master": "local[2]",
    "spark.driver.host": LOOPBACK,
    "spark.driver.bindAddress": LOOPBACK,
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    f"spark.sql.catalog.{CATALOG}": software.CATALOG_CLASS,
    "spark.sql.catalog.workspace": software.DEFAULT_CATALOG_CLASS,
    "spark.sql.defaultCatalog": "workspace",
}


class AnotherSpark:
    """The server, and what machines that speak to it are made of.

    Attributes:
        volumes: the folder behind `/Volumes` of the server and of all its machines.
        python: the Python of a machine.

    Raises:
        MissingSoftwareError: it cannot be had on this machine.
    """

    def __init__(self, folder: Path) -> None:
        self.volumes = folder / "Volumes"
        self.python = software.machine_python()
        self._folder = folder
        self._class_path = software.class_path()
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()
        for name in ("Volumes", "dbfs", "server"):
            (folder / name).mkdir(parents=True)

    def address(self) -> str:
        """Of the server, for `SPARK_REMOTE`; whoever asks first waits until it answers."""
        with self._lock:
            if self._process is None:
                self._start()
        return f"sc://{LOOPBACK}:{self._port}"

    def _start(self) -> None:
        mounts = MountNamespace(self.volumes, self._folder / "dbfs")
        process = processes.start(
            mounts.command(self._command(), self._folder / "server"), self._environment(), self._folder / "server"
        )
        self._process, deadline = process, time.monotonic() + _START_SECONDS
        while not is_listening(self._port):
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"Spark 4.0 did not start: {(self._folder / 'server' / 'stderr').read_text()}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            processes.watch(self._process, lambda: processes.FAILED, lambda: None, grace_seconds=10)

    def forget(self) -> None:
        """Drop all schemas of the catalog and empty the volumes."""
        for folder in self.volumes.iterdir():
            shutil.rmtree(folder)
        if self._process is None:
            return
        drop = (
            "from pyspark.sql import SparkSession\n"
            "spark = SparkSession.builder.getOrCreate()\n"
            f"for row in spark.sql('SHOW SCHEMAS IN {CATALOG}').collect():\n"
            f"    row[0] == 'default' or spark.sql(f'DROP SCHEMA {CATALOG}.{{row[0]}} CASCADE').collect()\n"
        )
        environment = self._environment() | self.connected_environment()
        subprocess.run([str(self.python), "-c", drop], env=environment, check=True, capture_output=True)

    def connected_environment(self) -> dict[str, str]:
        """The variables of a machine whose session is on the server."""
        return {"SPARK_REMOTE": self.address()}

    def own_environment(self, folder: Path) -> dict[str, str]:
        """The variables of a machine of dedicated access mode, which has a Spark of its own.

        Args:
            folder: of that machine.
        """
        conf_folder = folder / "spark_conf"
        conf_folder.mkdir(exist_ok=True)
        conf = {
            **self._conf(folder),
            "spark.driver.memory": "1g",
            "spark.driver.extraClassPath": self._class_path,
            "spark.driver.extraJavaOptions": " ".join(_java_options()),
        }
        (conf_folder / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in conf.items()))
        packages = software.server_packages()
        return {
            **self._environment(),
            "SPARK_CONF_DIR": str(conf_folder),
            "JAVA_HOME": str(software.java_home()),
            "PYTHONPATH": str(packages),
        }

    def _conf(self, folder: Path) -> dict[str, str]:
        places = {
            "spark.sql.warehouse.dir": str(self._folder / "warehouse"),
            "spark.local.dir": str(folder / "spark_local"),
        }
        return {**_SPARK, **_FEW_PARTS, **places}

    def _environment(self) -> dict[str, str]:
        passed = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        spark = {"SPARK_HOME": str(software.server_packages() / "pyspark"), "SPARK_LOCAL_IP": LOOPBACK}
        return {**passed, **spark, "PYSPARK_PYTHON": str(self.python), "LC_ALL": "C.UTF-8"}

    def _command(self) -> list[str]:
        jars = software.server_packages() / "pyspark" / "jars" / "*"
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
        conf = {
            **self._conf(self._folder / "server"),
            "spark.connect.grpc.binding.address": LOOPBACK,
            "spark.connect.grpc.binding.port": str(self._port),
        }
        return [
            *(str(software.java_home() / "bin" / "java"), "-Xmx2g", *_java_options(), *opened),
            *("-cp", os.pathsep.join([self._class_path, str(jars)]), "org.apache.spark.deploy.SparkSubmit"),
            *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
            *(part for name, value in conf.items() for part in ("--conf", f"{name}={value}")),
            "spark-internal",
        ]


def _java_options() -> list[str]:
    quick = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m"]
    return [*quick, f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}", "-Duser.timezone=UTC", "-Duser.language=en"]
