import os
from collections.abc import Iterator

import pytest

from fitness_assets_tests.databricks.governance.fake_catalog.server import FakeServer, serve
from fitness_assets_tests.databricks.governance.workspaces import governed_workspace


@pytest.fixture(autouse=True)
def settings_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests gets in."""
    for name in list(os.environ):
        if name.startswith(("DATABRICKS_", "FITNESS_", "KAFKA_", "ARM_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", "/nonexistent")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A workspace without a catalog of ours."""
    with serve(FakeServer()) as server:
        yield server


@pytest.fixture
def governed(server: FakeServer) -> FakeServer:
    """A workspace where the tables are made and governance is applied."""
    list(governed_workspace(server).apply())
    server.catalog.create_pipeline_tables("dev")
    list(governed_workspace(server).apply())
    return server
