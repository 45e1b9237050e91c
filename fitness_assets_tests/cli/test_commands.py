"""The command line, as a person uses it."""

import pytest
from click.testing import CliRunner
from deltalake import DeltaTable

from fitness_assets.cli.main import cli, main
from fitness_assets.contracts.registry import get_table
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS, NOON, action

pytestmark = pytest.mark.slow


@pytest.fixture
def platform_in_env(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    platform.spark()
    monkeypatch.setenv("FITNESS_BASE_DIR", str(platform.settings.base_dir))
    monkeypatch.setenv("FITNESS_AS_OF", "2026-02-28")
    return platform


def test_sample_run_again_validate_and_clean(platform_in_env: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    sample = ["sample", "--users", "3", "--days", "1", "--every", "300", "--files", "1", "--malformed", "0.2"]
    assert main(sample) == 0
    assert main(["run"]) == 0
    output = capsys.readouterr().out
    assert "tables changed" in output and "gold_db.workout_bpm_summary: The heart rate" in output
    assert main(["run"]) == 0
    assert "Nothing new: no table changed" in capsys.readouterr().out
    assert main(["validate"]) == 0
    assert "All tables hold exactly what landed." in capsys.readouterr().out
    workouts = DeltaTable(str(platform_in_env.path("silver_db.workouts")))
    workouts.delete("action = 'stop'")
    platform_in_env.land("kafka_multiplex_bz", "late.json", [action(1, 1, NOON, "start")])
    assert main(["validate"]) == 1
    out, err = capsys.readouterr()
    assert (
        "bronz_db.kafka_multiplex_bz" in err and "silver_db.workouts" in err and "WRONG: 1 missing, 0 unexpected" in out
    )
    assert CliRunner().invoke(cli, ["clean"], input="n\n").exit_code == 1
    unanswered = CliRunner().invoke(cli, ["clean"], input="")
    assert unanswered.exit_code == 1 and "Nothing was removed." in unanswered.output
    assert platform_in_env.path("silver_db.users").exists()
    assert CliRunner().invoke(cli, ["clean"], input="y\n").exit_code == 0
    assert not platform_in_env.path("silver_db.users").exists()
    assert any((platform_in_env.settings.landing_zone / "registered_users_bz").iterdir())
    assert main(["run"]) == 0
    assert "held back" not in capsys.readouterr().out


def test_status_and_quarantine_tell_what_landed_and_what_became_of_it(
    platform_in_env: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status"]) == 0
    assert "gym_logins_bz" in capsys.readouterr().out
    platform_in_env.land("gym_logins_bz", "good.csv", [LOGINS, "aa,5,1,2", "bb,five,1,2", "cc,5,1"])
    platform_in_env.land("gym_logins_bz", "bad.csv", ["nothing"])
    platform_in_env.land("gym_logins_bz", "notes.txt", ["nothing"])
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert "waiting: gym_logins_bz/bad.csv" in out and "waiting: gym_logins_bz/good.csv" in out
    platform_in_env.update()
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    assert "waiting:" not in out
    assert "refused: gym_logins_bz/bad.csv (wrong_header)" in out
    assert "left alone: gym_logins_bz/notes.txt (its name ends with none of .csv" in out
    assert main(["quarantine", "list"]) == 0
    assert "3 records are refused." in capsys.readouterr().out
    assert main(["quarantine", "show", "--reason", "bad_gym"]) == 0
    out = capsys.readouterr().out
    assert "gym_logins_bz/good.csv:3  bb,five,1,2" in out and "cc,5,1" not in out
    assert main(["quarantine", "show", "--file", "gym_logins_bz/bad.csv"]) == 0
    assert "wrong_header" in capsys.readouterr().out
    assert main(["quarantine", "replay"]) == 0
    before, after = capsys.readouterr().out.split("After:")
    assert "3 records are refused." in before and "3 records are refused." in after


def test_setup_makes_every_table_and_loads_the_calendar(platform_in_env: Platform) -> None:
    assert main(["setup"]) == 0
    assert platform_in_env.rows("bronz_db.date_lookup", "date, week_part")[0][1] == "2015-1"
    assert platform_in_env.lake.log(get_table("gold_db.gym_summary")).exists()


def test_a_wrong_setting_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FITNESS_ENV", "staging")
    assert main(["run"]) == 1
    assert capsys.readouterr().err == "fitness-assets: FITNESS_ENV is 'staging'; it must be one of dev, qa, prod.\n"
    monkeypatch.setenv("FITNESS_ENV", "qa")
    monkeypatch.setenv("FITNESS_AS_OF", "31.01.2026")
    assert main(["show"]) == 1
    assert "FITNESS_AS_OF is '31.01.2026'; it must be a day such as 2026-01-31." in capsys.readouterr().err


@pytest.mark.parametrize("command", [["validate"], ["clean", "--yes"]])
def test_what_works_in_folders_alone_says_so_of_a_catalog(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FITNESS_CATALOG", "prod")
    assert main(command) == 1
    assert "FITNESS_CATALOG is 'prod'" in capsys.readouterr().err
