"""Erasures that were asked for are done by Dagster's job, whose logs do not say of whom; and handed-out archives."""

import json
import stat
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from dagster import DagsterInstance

from fitness_assets.cli.main import main
from fitness_assets.definitions import defs
from fitness_assets.sample.landing_files import write_calendar
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS, NOON, REGISTERED, action, profile, reading

pytestmark = pytest.mark.slow

USER, DEVICE, MAC = 7_654_321, 8_765_432, "aabbccddee01"
HEART = "silver_db.heart_rate"


@pytest.fixture
def of_two(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A platform with two people, of whom one is to be forgotten."""
    write_calendar(platform.settings.landing_zone)
    people = [(USER, DEVICE, MAC), (2, 20, "aabbccddee02")]
    platform.land(
        "registered_users_bz", "a.csv", [REGISTERED, *(f"{user},{device},{mac},{NOON}" for user, device, mac in people)]
    )
    lines = [reading(device, NOON + 10, 60) for _, device, _ in people]
    lines += [profile(user, NOON, first_name="Ann", last_name="Oakley", city="Bern") for user, _, _ in people]
    session = ((0, "start"), (60, "stop"))
    lines += [action(user, 1, NOON + when, what) for user, _, _ in people for when, what in session]
    lines.append('{"key": "1", "topic": "bpm", "value": "{\\"device_id\\": 8765432, \\"time\\": \\"soon\\"}"}')
    platform.land("kafka_multiplex_bz", "a.json", lines)
    platform.land("gym_logins_bz", "a.csv", [LOGINS, *(f"{mac},5,{NOON},{NOON + 90}" for _, _, mac in people)])
    platform.update()
    monkeypatch.setenv("FITNESS_BASE_DIR", str(platform.settings.base_dir))
    monkeypatch.setenv("FITNESS_AS_OF", platform.settings.as_of.isoformat())
    return platform


def test_dagsters_job_forgets_whoever_was_asked_for_and_does_not_say_whom(
    of_two: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["erase", "--device", str(DEVICE), "--later"]) == 0
    assert "erase_people" in capsys.readouterr().out
    assert len(of_two.rows(HEART)) == 2
    with DagsterInstance.ephemeral() as instance:
        result = defs().get_job_def("erase_people").execute_in_process(instance=instance)
        told = "\n".join(str(event) for event in instance.all_logs(result.run_id))
    assert result.success and str(USER) not in told and str(DEVICE) not in told
    assert of_two.rows(HEART, "device_id") == [(20,)]
    assert of_two.rows("silver_db.quarantine") == []
    assert not list((of_two.settings.checkpoint_zone / "erasures" / "requests").iterdir())
    (report,) = (of_two.settings.checkpoint_zone / "erasures" / "reports").iterdir()
    assert json.loads(report.read_text())["tables"][HEART] == 1 and str(USER) not in report.read_text()


def test_a_person_is_handed_all_that_is_known(of_two: Platform, tmp_path: Path) -> None:
    target = tmp_path / "ann.zip"
    assert main(["export", "--mac", MAC, str(target)]) == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as archive:
        names = set(archive.namelist())
        rows = [json.loads(line) for line in archive.read(f"{HEART}.json").decode().splitlines()]
        summary = pq.read_table(archive.open("gold_db.gym_summary.parquet"))
        assert "the wearable" in archive.read("README.md").decode().lower()
    assert [row["device_id"] for row in rows] == [DEVICE] and summary["user_id"].to_pylist() == [USER]
    assert {f"{layer}.json" for layer in ("bronz_db.gym_logins_bz", "silver_db.user_profile")} <= names
    assert main(["export", "--mac", MAC, str(target)]) == 2


def test_somebody_whom_nobody_knows_is_told(of_two: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["erase", "--device", "99", "--yes"]) == 1
    assert "Name the person's id (--user)" in capsys.readouterr().err
    assert main(["erase", "--user", "99", "--device", "1"]) == 2
    assert main(["erase", "--user", "999", "--dry-run"]) == 0
    assert "Nothing is known of this person." in capsys.readouterr().out
