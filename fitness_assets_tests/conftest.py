import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from fitness_assets.engine.session import session
from fitness_assets_tests.platform import Platform


@pytest.fixture(scope="session")
def connect_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory, connect_port: int) -> Iterator[SparkSession]:
    """The one engine of the whole test run. It also serves Spark Connect, for the tests that come from outside."""
    extra = {
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(connect_port),
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
    }
    spark = session(extra=extra)
    yield spark
    spark.stop()


@pytest.fixture
def platform(tmp_path: Path, spark: SparkSession) -> Platform:
    return Platform(tmp_path / "base", lambda: spark)
