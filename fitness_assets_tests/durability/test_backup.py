"""A backup taken while updates go on, put back on another machine: tables are right, what came since comes in."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from fitness_assets.errors import BackupError
from fitness_assets.pipeline.backup import Backup, backups_in, newest_backup, restore, take_backup, verify
from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.landing_files import write_events
from fitness_assets.settings import Settings
from fitness_assets_tests.durability.conftest import land_the_rest
from fitness_assets_tests.durability.stress.faults import KilledError
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, assert_equals_reference, in_batches
from fitness_assets_tests.platform import Platform

pytestmark = pytest.mark.slow


def test_a_backup_is_put_back_on_another_machine_and_nothing_is_computed_anew(built: Platform, tmp_path: Path) -> None:
    take_backup(built.lake, tmp_path / "backups")
    other = Platform(tmp_path / "other", built.spark)
    assert restore(other.settings, newest_backup(tmp_path / "backups"), is_replacing=False) is None
    assert_equals_reference(other)
    assert {result.mode for result in other.update().values()} == {"unchanged"}
    land_the_rest(other)
    assert "full" not in {result.mode for result in other.update().values()}
    assert_equals_reference(other)


def test_what_the_backup_before_has_is_linked(built: Platform, tmp_path: Path) -> None:
    first = take_backup(built.lake, tmp_path / "backups")
    land_the_rest(built)
    built.update()
    second = take_backup(built.lake, tmp_path / "backups")
    same = [name for name in second.files if (second.folder / name).stat().st_nlink > 1]
    assert same and {name for name in second.files if name in first.files and "/part-" in name} <= set(same)
    assert not list(verify(first)) and not list(verify(second))
    restored = Settings(base_dir=tmp_path / "restored")
    restore(restored, newest_backup(tmp_path / "backups", first.folder.name), is_replacing=False)


def test_while_a_table_is_updated_its_sources_are_never_older_in_the_backup(
    built: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two tables of the backup an update goes on."""
    batches = iter(in_batches(sample_arrivals(UNTIDY)[40:], 12))

    def goes_on(_: str) -> None:
        batch = next(batches, None)
        if batch is not None:
            write_events(built.settings.landing_zone, batch, f"more_{len(batch)}_{id(batch)}")
            built.update()

    take_backup(built.lake, tmp_path / "backups", goes_on)
    other = Platform(tmp_path / "other", built.spark)
    restore(other.settings, newest_backup(tmp_path / "backups"), is_replacing=False)
    assert "full" not in {result.mode for result in other.update().values()}
    assert_equals_reference(other)


def test_what_is_there_is_put_aside_and_what_landed_since_stays(built: Platform, tmp_path: Path) -> None:
    take_backup(built.lake, tmp_path / "backups")
    land_the_rest(built)
    built.update()
    backup = newest_backup(tmp_path / "backups")
    with pytest.raises(BackupError, match=r"is there already.*--replace"):
        restore(built.settings, backup, is_replacing=False)
    aside = restore(built.settings, backup, is_replacing=True)
    assert aside is not None and (aside / "data_zone" / "silver_db" / "users" / "_delta_log").is_dir()
    assert not (built.settings.base_dir / "_restoring").exists()
    built.update()
    assert_equals_reference(built)


def test_a_damaged_file_is_found_and_nothing_is_changed(built: Platform, tmp_path: Path) -> None:
    backup = take_backup(built.lake, tmp_path / "backups")
    victim = next(name for name in backup.files if "/part-" in name)
    file = backup.folder / victim
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert list(verify(backup)) == [f"{victim} is damaged"]
    with pytest.raises(BackupError, match="is damaged; nothing was changed"):
        restore(Settings(base_dir=tmp_path / "other"), backup, is_replacing=False)
    assert not (tmp_path / "other" / "data_zone" / "silver_db").exists()


def test_a_backup_that_was_killed_is_none(built: Platform, tmp_path: Path) -> None:
    backups = tmp_path / "backups"

    def killed(_: Backup) -> None:
        raise KilledError

    with pytest.MonkeyPatch.context() as patch, suppress(KilledError):
        patch.setattr(Backup, "write", killed)
        take_backup(built.lake, backups)
    assert list(backups.glob("_unfinished*")) and not backups_in(backups)
    with pytest.raises(BackupError, match="no finished backup"):
        newest_backup(backups)
    again = take_backup(built.lake, backups)
    assert [path.name for path in backups.iterdir() if path.is_dir()] == [again.folder.name]


def test_two_restores_in_one_second_put_aside_what_each_found(built: Platform, tmp_path: Path) -> None:
    take_backup(built.lake, tmp_path / "backups")
    aside = [restore(built.settings, newest_backup(tmp_path / "backups"), is_replacing=True) for _ in range(2)]
    assert None not in aside and aside[0] != aside[1]
    assert_equals_reference(built)


def test_what_else_lies_beside_backups_stays_and_what_a_killed_one_left_goes(built: Platform, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    for name in ("photos", "_unfinished_backup_2026"):
        (backups / name).mkdir(parents=True)
        (backups / name / "file").write_text("mine")
    take_backup(built.lake, backups)
    assert (backups / "photos" / "file").exists() and not (backups / "_unfinished_backup_2026").exists()


def test_files_of_odd_names_and_rights_hinder_no_backup(built: Platform, tmp_path: Path) -> None:
    folder = os.fsencode(built.settings.landing_zone / "gym_logins_bz")
    Path(os.fsdecode(folder + b"/\xff.csv")).write_bytes(b"mac_address,gym,login,logout\nzz,5,1,2\n")
    taken = take_backup(built.lake, tmp_path / "backups")
    other = Settings(base_dir=tmp_path / "other")
    restore(other, newest_backup(tmp_path / "backups", taken.folder.name), is_replacing=False)
    assert b"\xff.csv" in [os.fsencode(file.name) for file in (other.landing_zone / "gym_logins_bz").iterdir()]


def test_a_damaged_backup_hinders_no_other_and_its_damage_is_not_linked_again(built: Platform, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    first, second = take_backup(built.lake, backups), take_backup(built.lake, backups)
    (first.folder / "manifest.json").write_text("rubbish")
    name = next(name for name in second.files if name.startswith("data_zone/silver_db/heart_rate/part-"))
    (second.folder / name).write_bytes(b"rubbish")
    assert list(verify(second)) == [f"{name} is damaged"]
    third = take_backup(built.lake, backups)
    assert not list(verify(third))
    assert [backup.folder for backup in backups_in(backups)] == [second.folder, third.folder]
