"""One Spark session: on the server that `SPARK_REMOTE` names, otherwise in this process."""

import os
import pwd
import socket
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, cast
from urllib.parse import urlparse

from pyspark import SparkContext
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from fitness_assets.engine.jars import SPARK
from fitness_assets.engine.java import java_home, jvm_options
from fitness_assets.engine.sizing import default_memory, shuffle_partitions
from fitness_assets.engine.startup_cache import startup_options
from fitness_assets.errors import EngineError
from fitness_assets.private_files import private_temporary_folder
from fitness_assets.settings.engine import EngineSettings
from fitness_assets.settings.environment import is_set, set_variables, unset_variables

SESSION_CONF = {
    "spark.sql.session.timeZone": "UTC",
    # Rows that come from this process are few: in one partition nothing has to be exchanged.
    "spark.sql.leafNodeDefaultParallelism": "1",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.files.maxPartitionBytes": "16m",
    "spark.sql.files.openCostInBytes": "64k",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.databricks.delta.merge.materializeSource": "none",
    "spark.databricks.delta.optimizeWrite.enabled": "false",
}
"""What can be set on any session, beside what follows its machine: exact times, and few partitions for small data."""

ENGINE_CONF = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.streaming.numRecentProgressUpdates": "1",
    "spark.sql.codegen.cache.maxEntries": "10000",
    "spark.scheduler.mode": "FAIR",
    "spark.scheduler.allocation.file": (Path(__file__).resolve().parent / "fair_scheduler.xml").as_uri(),
    # Without a UI nobody looks at what is over; an engine that lives for weeks need not keep a thousand plans of it.
    "spark.ui.retainedJobs": "20",
    "spark.ui.retainedStages": "20",
    "spark.sql.ui.retainedExecutions": "20",
}
"""What an engine is started with."""

_OWN_PORTS = {"spark.authenticate": "true"}
"""What keeps others away from the ports of an engine on this machine, which would run whatever object they are sent.

Spark makes the secret by itself, anew each time, and it leaves the process never. A cluster has its own. What goes over
these ports is not encrypted: only root could listen to loopback, and with `spark.network.crypto` the first queries of a
shared engine may wait for a class for two minutes, and fail."""


CONNECT_TIMEOUT_SECONDS = 10.0
_MAX_RETRIES = 6
"""With these a call to a server that went away is given up after about a quarter of a minute."""
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_DEFAULT_PORT = 15002
"""The port of a Spark Connect server that names none."""
_lock = Lock()


def get_spark_session(master: str = "", memory: str = "", extra: dict[str, str] | None = None) -> SparkSession:
    """The Spark session of this process; a second call, from whatever thread, gives the same one.

    Args:
        master: where Spark runs; `FITNESS_MASTER` or `local[*]` if empty.
        memory: that of the driver, of an engine in this process; it follows the machine if empty.
        extra: further configuration of an engine in this process; it wins.

    Raises:
        EngineError: there is no Java, the jars are missing, or the server does not answer.
    """
    with _lock:
        settings = EngineSettings.from_env()
        if settings.remote:
            return _connect(settings.remote)
        if SparkContext._active_spark_context is not None:
            return SparkSession.builder.getOrCreate()
        return _start_local(master or settings.master, memory, extra or {})


def _connect(address: str) -> SparkSession:
    """The session on a server. Whether it answers is asked first: the client itself would try for ten minutes."""
    server = urlparse(address.split(";")[0])
    host, port = server.hostname or "", server.port or _DEFAULT_PORT
    try:
        with socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_SECONDS):
            pass
        try:
            return _configured(SparkSession.builder.remote(address).getOrCreate(), host)
        except PySparkException:
            # This process has the session of a server that was started anew since.
            _stop_quietly(SparkSession.getActiveSession())
            return _configured(SparkSession.builder.remote(address).create(), host)
    except (OSError, PySparkException) as error:
        raise EngineError(
            f"The Spark Connect server that SPARK_REMOTE names ({server.hostname}:{port}) does not "
            f"answer: {str(error).splitlines()[0]}. Start it (fitness-assets engine start), or unset SPARK_REMOTE to "
            f"run Spark in this process."
        ) from error


def _configured(spark: SparkSession, host: str) -> SparkSession:
    from pyspark.sql.connect.client.retries import DefaultPolicy

    cast(Any, spark).client.set_retry_policies([DefaultPolicy(max_retries=_MAX_RETRIES, max_backoff=4_000)])
    for name, value in session_conf(is_cluster=host not in _THIS_MACHINE).items():
        spark.conf.set(name, value)
    return spark


def _stop_quietly(spark: SparkSession | None) -> None:
    if spark is not None:
        with suppress(PySparkException):
            spark.stop()


def session_conf(is_cluster: bool) -> dict[str, str]:
    """What is set on a session.

    Args:
        is_cluster: whether the work is done on other machines.
    """
    return SESSION_CONF | {"spark.sql.shuffle.partitions": str(shuffle_partitions(is_cluster))}


def engine_conf(memory: str, is_cluster: bool = False) -> dict[str, str]:
    """What an engine is started with, in this process or as a server.

    Args:
        memory: the heap of its driver, as Java writes it; it follows the machine if empty.
        is_cluster: whether the work is done on other machines.

    Raises:
        EngineError: the jars are missing, or there is no folder for temporary files.
    """
    target_conf = {
        "spark.driver.extraClassPath": SPARK.class_path(),
        "spark.executor.extraClassPath": SPARK.class_path(),
        "spark.driver.memory": memory or default_memory(),
        "spark.driver.extraJavaOptions": jvm_options([*startup_options(), *EngineSettings.from_env().java_options]),
        "spark.sql.warehouse.dir": str(_temporary_folder() / "warehouse"),
    }
    here = {} if is_cluster else _OWN_PORTS | {"spark.local.dir": str(_temporary_folder() / "spark")}
    return ENGINE_CONF | here | session_conf(is_cluster) | target_conf


def _temporary_folder() -> Path:
    try:
        return private_temporary_folder()
    except OSError as error:
        raise EngineError(f"The engine has no folder for temporary files: {error}") from error


_OF_ANOTHER_SPARK = (
    "HADOOP_CONF_DIR",
    "HADOOP_HOME",
    "PYSPARK_DRIVER_PYTHON",
    "PYSPARK_SUBMIT_ARGS",
    "SPARK_CONF_DIR",
    "SPARK_CONNECT_MODE_ENABLED",
    "SPARK_REMOTE",
    "SPARK_SUBMIT_OPTS",
    "YARN_CONF_DIR",
)
"""Variables that are meant for another Spark, and that ours would follow."""


def engine_environment(on_cluster: bool = False) -> dict[str, str | None]:
    """What the environment of an engine of ours must be; None where a variable must not be.

    Args:
        on_cluster: whether it runs on a cluster that somebody named; what is said of that one stays.

    Raises:
        EngineError: there is no Java, or the user has no name.
    """
    _require_user_name()
    foreign: dict[str, str | None] = {} if on_cluster else dict.fromkeys(_OF_ANOTHER_SPARK)
    own = {
        "SPARK_HOME": str(_spark_home()),
        "JAVA_HOME": str(java_home()),
        "PYSPARK_PYTHON": sys.executable,
        # Java reads the names of files in the encoding of the locale.
        "LC_ALL": "C.UTF-8",
    }
    return {**foreign, "SPARK_REMOTE": None, **own}


def _spark_home() -> Path:
    """The Spark that comes with PySpark."""
    import pyspark

    return Path(pyspark.__file__).parent


def _require_user_name() -> None:
    """Hadoop asks the machine for the user's name before anything else, and fails without a word on it."""
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        raise EngineError(
            f"The user {os.getuid()} has no name on this machine, which Spark needs. Add one to /etc/passwd, or run as "
            f"a user that has one."
        ) from None


def _start_local(master: str, memory: str, extra: dict[str, str]) -> SparkSession:
    is_cluster = not master.startswith("local")
    variables = engine_environment(is_cluster)
    unset_variables(name for name, value in variables.items() if value is None)
    set_variables({name: value for name, value in variables.items() if value is not None})
    if not is_set("SPARK_LOCAL_IP"):
        set_variables({"SPARK_LOCAL_IP": "127.0.0.1"})
    builder = SparkSession.builder.master(master).appName("fitness_assets")
    for name, value in (engine_conf(memory, is_cluster) | extra).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
