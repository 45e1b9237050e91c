import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from pyspark.sql import SparkSession

from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.live.broker.server import Broker
from fitness_assets.live.processes.ports import free_port
from fitness_assets_tests.chromium import chromium_path
from fitness_assets_tests.contracts.changed import ChangedContracts
from fitness_assets_tests.kafka.topics import delete_topics
from fitness_assets_tests.markers import MARKERS, long_modules_first, mark_by_fixtures
from fitness_assets_tests.platform import Platform

# A Java of the tests does most things once: its thorough compiler takes a third of the time of the first updates and
# never pays. Without it a Java reserves too little for compiled code, and compiles the same again and again.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m")


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    mark_by_fixtures(items)
    if hasattr(config, "workerinput"):
        long_modules_first(items)


@pytest.fixture(scope="session")
def connect_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory, connect_port: int) -> Iterator[SparkSession]:
    """The one engine of the whole test run. It also serves Spark Connect, for the tests that come from outside."""
    extra = {
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(connect_port),
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
    }
    spark = get_spark_session(extra=extra)
    yield spark
    spark.stop()


@pytest.fixture
def platform(tmp_path: Path, spark: SparkSession) -> Iterator[Platform]:
    yield Platform(tmp_path / "base", lambda: spark)
    # Delta remembers each table for an hour; these are gone, and a full heap makes every test after them slower.
    spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


@pytest.fixture
def contracts(monkeypatch: pytest.MonkeyPatch) -> ChangedContracts:
    """Contracts that a test may change."""
    return ChangedContracts(monkeypatch)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Apache Kafka itself, one for the whole test run; each test makes its own cluster view by topic ids and group."""
    broker = Broker(tmp_path_factory.mktemp("broker"), free_port(), {"log.retention.check.interval.ms": "500"})
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def empty_broker(broker: Broker) -> Broker:
    """The same without what other tests have left in it."""
    delete_topics(broker)
    return broker


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless, one for the whole test run: Playwright bears no second one beside it.

    Without it the tests are skipped, or fail where `FITNESS_REQUIRE_SERVERS=1` says that nothing may be missing.
    """
    executable = chromium_path()
    if not executable:
        missing = "There is no Chromium: apt-get install chromium, or set FITNESS_CHROMIUM."
        if os.environ.get("FITNESS_REQUIRE_SERVERS") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
