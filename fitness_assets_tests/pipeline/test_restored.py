"""Bronze after a restore, a backup of one zone only, lost or torn notes: what still lies there comes in, once."""

import shutil
from pathlib import Path

import pytest
from deltalake import DeltaTable

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.pipeline.scheduler import TableOutcome, update_tables
from fitness_assets_tests.pipeline.kafka_platform import KafkaPlatform, events
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS, NOON, profile, reading

pytestmark = pytest.mark.slow

LOGIN = "bronz_db.gym_logins_bz"
KAFKA = "bronz_db.kafka_multiplex_bz"
PROFILES = "silver_db.user_profile"


def land(platform: Platform, *macs: str) -> None:
    for mac in macs:
        platform.land("gym_logins_bz", f"{mac}.csv", [LOGINS, f"{mac},5,1,2"])


def macs(platform: Platform, table: str) -> list[str]:
    return [mac for (mac,) in platform.rows(table, "mac_address")]


def restore(platform: Platform, table: str, version: int) -> None:
    DeltaTable(str(platform.path(table))).restore(version)


def outcome_of(platform: Platform, table: str) -> TableOutcome:
    return next(outcome for outcome in update_tables(platform.lake, [table]) if outcome.table.full_name == table)


def test_what_a_restore_took_away_comes_in_again_once(platform: Platform) -> None:
    land(platform, "aa")
    platform.update()
    before = platform.version(LOGIN)
    land(platform, "bb", "cc")
    platform.update()
    restore(platform, LOGIN, before)
    platform.update()
    assert macs(platform, LOGIN) == macs(platform, "silver_db.gym_logs") == ["aa", "bb", "cc"]
    assert platform.update(LOGIN)[LOGIN].mode == "unchanged"


def test_what_cannot_be_had_any_more_after_a_restore_is_named_until_it_is_there_or_given_up(platform: Platform) -> None:
    land(platform, "aa")
    platform.update(LOGIN)
    before = platform.version(LOGIN)
    land(platform, "bb")
    platform.update(LOGIN)
    restore(platform, LOGIN, before)
    file = platform.settings.landing_zone / "gym_logins_bz" / "bb.csv"
    content = file.read_bytes()
    file.unlink()
    for _ in range(2):
        outcome = outcome_of(platform, LOGIN)
        (failed,) = [check for check in outcome.checks if not check.passed]
        assert failed.name == "landed_equals_loaded" and failed.figures["wrong"] == "bb.csv (0 of 1)"
    file.write_bytes(content)
    platform.update(LOGIN)
    assert macs(platform, LOGIN) == ["aa", "bb"]
    restore(platform, LOGIN, before)
    file.unlink()
    assert not outcome_of(platform, LOGIN).is_good
    platform.update(LOGIN, full=True)
    assert macs(platform, LOGIN) == ["aa"]


def test_a_restore_to_what_a_file_held_before_it_was_replaced(platform: Platform) -> None:
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    platform.update(LOGIN)
    before = platform.version(LOGIN)
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "bb,5,1,2", "cc,5,1,2"])
    platform.update(LOGIN)
    restore(platform, LOGIN, before)
    platform.update(LOGIN)
    assert platform.rows(LOGIN, "mac_address, file_load") == [("aa", 1), ("bb", 2), ("cc", 2)]
    restore(platform, LOGIN, 0)
    (failed,) = [check for check in outcome_of(platform, LOGIN).checks if not check.passed]
    assert failed.figures["wrong"] == "a.csv (2 of 2, 1 before)"


def test_records_that_somebody_took_out_on_purpose_do_not_come_back(platform: Platform) -> None:
    land(platform, "aa", "bb")
    platform.land("gym_logins_bz", "two.csv", [LOGINS, "cc,5,1,2", "dd,5,1,2"])
    platform.update(LOGIN, "silver_db.gym_logs")
    DeltaTable(str(platform.path(LOGIN))).delete("mac_address IN ('aa', 'cc')")
    land(platform, "ee")
    platform.update(LOGIN, "silver_db.gym_logs")
    assert macs(platform, LOGIN) == macs(platform, "silver_db.gym_logs") == ["bb", "dd", "ee"]
    (platform.settings.checkpoint_zone / "bronz_db" / "gym_logins_bz" / "checks.json").unlink()
    assert outcome_of(platform, LOGIN).is_good, "the files are counted, and what was taken out with them"


@pytest.mark.parametrize("zone", ["data", "checkpoint", "both"])
def test_a_backup_that_is_put_back_whole_or_of_one_zone(platform: Platform, tmp_path: Path, zone: str) -> None:
    """The landing zone stays as it is: it lies on a disk of its own."""
    settings, backup = platform.settings, tmp_path / "backup"
    land(platform, "aa")
    platform.update()
    zones = {"data": settings.data_zone, "checkpoint": settings.checkpoint_zone}
    for name, folder in zones.items():
        shutil.copytree(folder, backup / name, ignore=lambda _, names: {"raw"} & set(names))
    land(platform, "bb")
    platform.land("kafka_multiplex_bz", "a.json", [reading(1, NOON, 60.0)])
    platform.update()
    for name, folder in zones.items():
        if zone in (name, "both"):
            for child in folder.iterdir():
                if child.name != "raw":
                    shutil.rmtree(child) if child.is_dir() else child.unlink()
            shutil.copytree(backup / name, folder, dirs_exist_ok=True)
    land(platform, "cc")
    platform.update()
    assert macs(platform, LOGIN) == macs(platform, "silver_db.gym_logs") == ["aa", "bb", "cc"]
    assert len(platform.rows(KAFKA)) == len(platform.rows("silver_db.heart_rate")) == 1
    assert {result.mode for result in platform.update().values()} == {"unchanged"}


@pytest.mark.parametrize("note", ["progress.json", "ingested_files.parquet", "checks.json"])
@pytest.mark.parametrize("damage", ["torn", "empty", "missing"])
def test_notes_that_are_torn_empty_or_missing_are_made_anew_from_the_rows(
    platform: Platform, note: str, damage: str
) -> None:
    land(platform, "aa")
    platform.update()
    for table in all_tables():
        file = platform.settings.checkpoint_zone / table.replace(".", "/") / note
        if file.exists():
            content = file.read_bytes()
            kept = {"torn": content[: len(content) // 2], "empty": b""}
            file.unlink() if damage == "missing" else file.write_bytes(kept[damage])
    land(platform, "bb")
    platform.update()
    assert macs(platform, LOGIN) == macs(platform, "silver_db.gym_logs") == ["aa", "bb"]


def test_a_shorter_history_with_a_number_used_again_is_another_table(platform: Platform) -> None:
    """The last commit is lost, and other records take its number: nothing may be taken for used that was not."""
    land(platform, "aa")
    platform.update(LOGIN, "silver_db.gym_logs")
    land(platform, "bb")
    platform.update(LOGIN, "silver_db.gym_logs")
    last = platform.path(LOGIN) / "_delta_log" / f"{platform.version(LOGIN):020d}.json"
    last.unlink()
    (platform.settings.landing_zone / "gym_logins_bz" / "bb.csv").rename(platform.settings.base_dir / "bb.csv")
    platform.land("gym_logins_bz", "cc.csv", [LOGINS, "cc,5,1,2"])
    assert not outcome_of(platform, LOGIN).is_good, "bb.csv is missing, and named"
    (platform.settings.base_dir / "bb.csv").rename(platform.settings.landing_zone / "gym_logins_bz" / "bb.csv")
    platform.update(LOGIN, "silver_db.gym_logs")
    assert macs(platform, LOGIN) == macs(platform, "silver_db.gym_logs") == ["aa", "bb", "cc"]


def test_records_of_a_broker_that_a_restore_took_away_are_read_again_once(kafka: KafkaPlatform) -> None:
    kafka.make()
    kafka.send(*events(0, 1))
    kafka.platform.update()
    before = kafka.platform.version(KAFKA)
    kafka.send(*events(1, 3))
    kafka.platform.update()
    restore(kafka.platform, KAFKA, before)
    kafka.platform.update()
    assert sorted(map(str, kafka.values())) == events(0, 3)
    assert len(kafka.platform.rows("silver_db.heart_rate")) == 3


@pytest.mark.parametrize("what", ["removed", "restored"])
def test_a_deleted_profile_stays_deleted_although_its_tombstone_is_gone(platform: Platform, what: str) -> None:
    """An older record that comes late would bring it back."""
    platform.land("kafka_multiplex_bz", "a.json", [profile(1, NOON), profile(2, NOON)])
    platform.update()
    platform.land("kafka_multiplex_bz", "b.json", [profile(1, NOON + 60, "delete")])
    platform.update()
    tombstones = get_table(PROFILES).tombstone_table
    assert tombstones is not None
    path = platform.lake.path(tombstones)
    if what == "removed":
        shutil.rmtree(path)
    else:
        DeltaTable(str(path)).restore(0)
    platform.land("kafka_multiplex_bz", "c.json", [profile(1, NOON + 30)])
    platform.update()
    assert platform.rows(PROFILES, "user_id") == [(2,)]
    assert platform.update()[PROFILES].mode == "unchanged"
