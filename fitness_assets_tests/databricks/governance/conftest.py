from collections.abc import Iterator

import pytest
from databricks.sdk.core import Config

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.session import Session
from fitness_assets.databricks.workspace import Workspace
from fitness_assets_tests.databricks.governance.server import FakeWorkspace, serving

GYMS: dict[str, frozenset[int] | None] = {"fitness_gym_5": frozenset({5}), "fitness_all_gyms": None}


@pytest.fixture(autouse=True)
def settings_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests gets in."""
    import os

    for name in list(os.environ):
        if name.startswith(("DATABRICKS_", "FITNESS_", "KAFKA_", "ARM_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", "/nonexistent")


@pytest.fixture
def server() -> Iterator[FakeWorkspace]:
    """A workspace without a catalog of ours."""
    with serving(FakeWorkspace()) as workspace:
        yield workspace


def workspace(environment: str = "dev") -> Workspace:
    return Workspace(environment, environment, "warehouse-1", gyms=GYMS)


def session(server: FakeWorkspace, environment: str = "dev", rotate: bool = False) -> Session:
    config = Config(host=server.host, token="secret-token", retry_timeout_seconds=1)
    return Session(Client(config, patience=2), workspace(environment), rotate)


@pytest.fixture
def governed(server: FakeWorkspace) -> FakeWorkspace:
    """A workspace where the tables are made and governance is applied."""
    list(session(server).apply())
    server.unity.pipeline_makes_tables("dev")
    list(session(server).apply())
    return server
