"""What retention would let go of is told before it goes, table by table, and is what then goes."""

from io import StringIO

import pytest

from fitness_assets.cli.main import main
from fitness_assets.contracts.registry import all_tables
from fitness_assets.privacy import DueCount, count_due
from fitness_assets_tests.platform import AS_OF, Platform
from fitness_assets_tests.privacy.staying import BPM, GYMS, LOGINS, READINGS, STAYING, SUMMARY, Stayed

pytestmark = pytest.mark.slow


@pytest.fixture
def commands(due: Stayed, monkeypatch: pytest.MonkeyPatch) -> Stayed:
    """Records that are due, which the commands of a test mean."""
    monkeypatch.setenv("FITNESS_BASE_DIR", str(due.platform.settings.base_dir))
    monkeypatch.setenv("FITNESS_AS_OF", AS_OF.isoformat())
    return due


def row_counts(platform: Platform) -> dict[str, int]:
    return {name: platform.lake.log(table).row_count() for name, table in all_tables().items()}


def test_what_would_go_is_counted_and_goes_when_somebody_says_so(
    commands: Stayed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform, before = commands.platform, row_counts(commands.platform)
    versions = {name: platform.version(name) for name in all_tables()}
    counts = {count.table: count for count in count_due(platform.lake)}
    assert main(["retention", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert f"{GYMS:<40} {0:>12,} would go, {len(commands.frozen(GYMS)):,} rows stay" in told
    assert f"{READINGS:<40} {counts[READINGS].leaving:>12,} would go\n" in told
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    assert main(["retention"]) == 1
    assert "Nothing was changed." in capsys.readouterr().out
    assert {name: platform.version(name) for name in all_tables()} == versions

    assert main(["retention", "--yes"]) == 0
    assert "rows that were too old are gone" in capsys.readouterr().out
    after = row_counts(platform)
    gone = {name: before[name] - after[name] for name in before if before[name] != after[name]}
    assert {name: count.leaving for name, count in counts.items() if count.leaving} == gone
    assert {name: count.staying for name, count in counts.items() if count.staying} == {
        name: len(commands.frozen(name)) for name in STAYING
    }
    assert LOGINS in gone and not gone.keys() & {BPM, SUMMARY}
    assert main(["retention", "--dry-run"]) == 0
    assert "Nothing is older than its contract keeps it" in capsys.readouterr().out
    assert isinstance(counts[BPM], DueCount)


def test_without_a_retention_it_says_so(of_many: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retention", "--dry-run"]) == 0
    assert "No contract says for how long records are kept" in capsys.readouterr().out
