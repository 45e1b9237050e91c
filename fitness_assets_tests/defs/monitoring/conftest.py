"""A real Dagster instance, a web server that is told, and the code server whose sensor looks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import (
    DagsterInstance,
)

from fitness_assets_tests.alerts.http_receiver import HttpReceiver, http_receiver
from fitness_assets_tests.defs.code_server import CodeServer


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[DagsterInstance]:
    home = tmp_path / "dagster"
    home.mkdir()
    with DagsterInstance.local_temp(str(home)) as instance:
        yield instance


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpReceiver]:
    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path / "base"))
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    with http_receiver() as receiver:
        monkeypatch.setenv("FITNESS_ALERT_WEBHOOKS", f"json={receiver.url}")
        yield receiver


@pytest.fixture
def code_server(instance: DagsterInstance, web: HttpReceiver) -> CodeServer:
    return CodeServer(instance)
