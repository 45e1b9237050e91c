"""`fitness-assets alerts`, with a real web server that is told, and a real Dagster instance that is looked at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance, Failure, job, op

from fitness_assets.alerts import Alert
from fitness_assets.cli.main import main
from fitness_assets_tests.alerts.http_receiver import HttpReceiver, http_receiver

KEY = ("begins", "run_failed:maintain_tables")


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpReceiver]:
    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path / "base"))
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with http_receiver() as receiver:
        monkeypatch.setenv("FITNESS_ALERT_WEBHOOKS", f"json={receiver.url}")
        yield receiver


@pytest.fixture
def home(tmp_path: Path, web: HttpReceiver) -> Path:
    """The folder of the live stack's Dagster, in which a run has failed."""
    home = tmp_path / "base" / "dagster"
    home.mkdir(parents=True)

    @op
    def fail() -> None:
        raise Failure("The disk is full.")

    @job(name="maintain_tables")
    def failing() -> None:
        fail()

    with DagsterInstance.local_temp(str(home)) as instance:
        failing.execute_in_process(instance=instance, raise_on_error=False)
    return home


def test_each_receiver_is_tried_and_one_that_does_not_take_it_is_named(
    web: HttpReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alerts", "test"]) == 0
    assert "took it" in capsys.readouterr().out
    assert web.messages[0]["notifications"][0]["summary"] == "This is a test: nothing is wrong."
    web.status = 410
    assert main(["alerts", "test"]) == 1
    said = capsys.readouterr().err
    assert "answered 410" in said and "secret-path" not in said


def test_without_receivers_it_says_how_to_name_one(
    web: HttpReceiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FITNESS_ALERT_WEBHOOKS")
    assert main(["alerts", "test"]) == 1
    assert "set FITNESS_ALERT_WEBHOOKS or FITNESS_ALERT_EMAIL_TO" in capsys.readouterr().err


def test_somebody_else_than_dagster_looks_and_tells_once(
    home: Path, web: HttpReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alerts", "check"]) == 1
    assert main(["alerts", "check", "--dagster-home", str(home)]) == 1
    assert web.news() == [KEY]
    assert "The disk is full." in capsys.readouterr().out


def test_a_dagster_that_is_not_there_is_one_line(
    tmp_path: Path, web: HttpReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alerts", "check"]) == 1
    assert "is no folder of a Dagster instance" in capsys.readouterr().err


def test_what_is_wrong_is_listed_with_who_is_told(
    home: Path, web: HttpReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alerts", "list"]) == 0
    assert "Nothing is wrong." in capsys.readouterr().out
    main(["alerts", "check"])
    capsys.readouterr()
    assert main(["alerts", "list"]) == 0
    printed = capsys.readouterr().out
    assert "maintain_tables" in printed and "json 127.0.0.1" in printed and "secret-path" not in printed


def test_what_somebody_sees_to_is_listed_so_and_told_once(
    home: Path, web: HttpReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["alerts", "check"])
    main(["alerts", "list"])
    alert_id = Alert("run_failed", "maintain_tables", "", "").id
    assert alert_id in capsys.readouterr().out
    assert main(["alerts", "acknowledge", alert_id]) == 0
    assert "run_failed of maintain_tables is acknowledged" in capsys.readouterr().out
    main(["alerts", "check"])
    main(["alerts", "list"])
    assert "Acknowledged " in capsys.readouterr().out
    assert web.news() == [KEY, ("acknowledged", KEY[1])]
    assert main(["alerts", "acknowledge", "nothing"]) == 1
    assert "fitness-assets alerts list has the ids" in capsys.readouterr().err
