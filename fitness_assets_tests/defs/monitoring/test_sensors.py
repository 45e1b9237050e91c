"""Sensors that fail or do not look, and the sensor of alerts itself."""

import time
from pathlib import Path

import pytest
from dagster import (
    DagsterInstance,
)
from dagster._core.scheduler.instigation import (
    TickStatus,
)

from fitness_assets.defs.asset_keys import alerts_asset_key
from fitness_assets.defs.monitoring import alert_sensor
from fitness_assets.errors import SettingError
from fitness_assets_tests.alerts.http_receiver import HttpReceiver
from fitness_assets_tests.defs.code_server import CodeServer
from fitness_assets_tests.defs.monitoring.instances import (
    SwitchedOn,
    look,
)


def test_a_wrong_setting_is_told_when_the_definitions_are_loaded(
    instance: DagsterInstance, web: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITNESS_ALERT_SILENT_HOURS", "heart=1")
    with pytest.raises(SettingError, match="'heart', which is no topic or folder"):
        CodeServer(instance)
    monkeypatch.delenv("FITNESS_ALERT_SILENT_HOURS")
    monkeypatch.setenv("FITNESS_ALERT_EMAIL_TO", "a@example.org")
    with pytest.raises(SettingError, match="FITNESS_SMTP_HOST is not set"):
        CodeServer(instance)


def test_sensors_of_others_and_those_that_are_no_more_are_not_missed(
    code_server: CodeServer, web: HttpReceiver
) -> None:
    for name in ("somebody_elses_sensor", "a_sensor_of_the_version_before"):
        SwitchedOn(code_server.instance, name).tick(90_000, TickStatus.FAILURE, "gone")
    assert look(code_server) == "Nothing is wrong."


def test_a_sensor_that_fails_again_and_again_is_told_until_it_does_not(
    code_server: CodeServer, web: HttpReceiver
) -> None:
    sensor = SwitchedOn(code_server.instance, "landing_zone_sensor")
    for seconds_ago in (30, 25):
        sensor.tick(seconds_ago, TickStatus.FAILURE, "No such folder")
    assert look(code_server) == "Nothing is wrong."
    sensor.tick(20, TickStatus.FAILURE, "No such folder")
    look(code_server)
    assert "No such folder" in web.messages[0]["notifications"][0]["summary"]
    sensor.tick(15, TickStatus.STARTED)
    look(code_server)
    sensor.tick(10, TickStatus.SKIPPED)
    look(code_server)
    key = "automation_failing:landing_zone_sensor"
    assert web.news() == [("begins", key), ("ends", key)]


def test_a_sensor_that_is_on_and_does_not_tick_is_told(
    code_server: CodeServer, web: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITNESS_ALERT_TICK_SECONDS", "1")
    monkeypatch.setattr(alert_sensor, "_STARTED_AT", None)
    monkeypatch.setattr("fitness_assets.alerts.rules._MISSED_TICKS", 0)
    sensor = SwitchedOn(code_server.instance, "landing_zone_sensor")
    sensor.tick(0, TickStatus.SKIPPED)
    look(code_server)
    time.sleep(1.5)
    look(code_server)
    sensor.tick(0, TickStatus.SKIPPED)
    look(code_server)
    key = "automation_silent:landing_zone_sensor"
    assert web.news() == [("begins", key), ("ends", key)]


def test_dagster_shows_the_alerts_as_an_asset(code_server: CodeServer) -> None:
    spec = next(spec for spec in code_server.repository.asset_graph.asset_nodes if spec.key == alerts_asset_key())
    assert "`lag_growing`" in (spec.description or "")
    assert spec.group_name == "operations"


def test_what_is_remembered_does_not_grow_with_the_looks(code_server: CodeServer) -> None:
    memory = Path(code_server.instance.root_directory).parent / "base" / "alerts" / "memory.json"
    for _ in range(3):
        look(code_server)
    size = memory.stat().st_size
    for _ in range(20):
        look(code_server)
    assert memory.stat().st_size <= size + 50
