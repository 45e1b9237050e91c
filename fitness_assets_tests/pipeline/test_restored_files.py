"""Files of which a restore took the rows: named while they are missing, new where they were replaced meanwhile."""

import shutil
from contextlib import suppress
from typing import Any

import pytest

from fitness_assets.contracts.registry import get_table
from fitness_assets.pipeline.state.ingested_files import IngestedFiles
from fitness_assets.pipeline.strategies.ingestion.file_ingestion import FileIngestion
from fitness_assets_tests.durability.stress.faults import KilledError
from fitness_assets_tests.pipeline.test_restored import LOGIN, land, macs, outcome_of, restore
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS

pytestmark = pytest.mark.slow

LARGE = 60_000


def test_what_is_missing_of_a_large_table_is_named_although_only_new_rows_are_checked(platform: Platform) -> None:
    """More rows than are checked whole each time."""
    many = [f"{number:x},5,1,2" for number in range(LARGE)]
    platform.land("gym_logins_bz", "many.csv", [LOGINS, *many])
    platform.update(LOGIN)
    before = platform.version(LOGIN)
    land(platform, "zz")
    platform.update(LOGIN)
    restore(platform, LOGIN, before)
    (platform.settings.landing_zone / "gym_logins_bz" / "zz.csv").unlink()
    for _ in range(2):
        (failed,) = [check for check in outcome_of(platform, LOGIN).checks if not check.passed]
        assert failed.figures["wrong"] == "zz.csv (0 of 1)"
        land(platform, "yy")


def test_a_restore_in_the_middle_of_an_update_is_noticed(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    land(platform, "aa")
    platform.update(LOGIN)
    before = platform.version(LOGIN)
    land(platform, "bb")
    platform.update(LOGIN)
    real, is_first = FileIngestion.plan, [True]

    def restored_after(self: FileIngestion, progress: Any, full_refresh: bool) -> Any:
        plan = real(self, progress, full_refresh)
        if is_first:
            is_first.clear()
            restore(platform, LOGIN, before)
        return plan

    monkeypatch.setattr(FileIngestion, "plan", restored_after)
    platform.update(LOGIN)
    assert not is_first and macs(platform, LOGIN) == ["aa", "bb"]


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_file_that_was_replaced_after_a_restore_took_its_rows_is_new_and_the_old_content_is_missed(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    land(platform, "aa")
    platform.update(LOGIN)
    before = platform.version(LOGIN)
    platform.land("gym_logins_bz", "b.csv", [LOGINS, "bb,5,1,2", "cc,5,1,2"])
    platform.update(LOGIN)
    restore(platform, LOGIN, before)
    platform.land("gym_logins_bz", "b.csv", [LOGINS, "dd,5,1,2"])
    if is_killed:
        with pytest.MonkeyPatch.context() as patch, suppress(KilledError):
            patch.setattr(IngestedFiles, "write", killed)
            platform.update(LOGIN)
    for _ in range(2):
        (failed,) = [check for check in outcome_of(platform, LOGIN).checks if not check.passed]
        assert failed.name == "landed_equals_loaded" and "b.csv" in str(failed.figures["wrong"])
        assert macs(platform, LOGIN) == ["aa", "dd"]
    platform.update(LOGIN, full=True)
    assert macs(platform, LOGIN) == ["aa", "dd"]


def test_a_file_that_was_only_touched_before_its_table_was_dropped_and_an_update_killed_is_not_missed(
    platform: Platform,
) -> None:
    """The list has the file as it looked before, the commit as it looks now, and both mean the same content."""
    file = platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    platform.update(LOGIN)
    file.touch()
    shutil.rmtree(platform.path(LOGIN))
    platform.lake.ensure(get_table(LOGIN))
    with pytest.MonkeyPatch.context() as patch, suppress(KilledError):
        patch.setattr(IngestedFiles, "write", killed)
        platform.update(LOGIN)
    for _ in range(2):
        platform.update(LOGIN)
        assert macs(platform, LOGIN) == ["aa"]


def killed(*_: object) -> None:
    raise KilledError
