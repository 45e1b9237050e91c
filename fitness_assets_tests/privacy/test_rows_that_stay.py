"""Rows that stay by their contract are as they were when the records below them are let go, whatever comes later."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from pyspark.sql import functions as F

from fitness_assets.contracts import registry
from fitness_assets.contracts.model import Column, Pii, Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import ContractError
from fitness_assets.lakehouse import RowSet
from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse
from fitness_assets.pipeline.backup import newest_backup, put_aside, restore
from fitness_assets.pipeline.state.archive_mark import ArchiveMark, put_mark
from fitness_assets.pipeline.state.erasures import ErasureRegister
from fitness_assets.pipeline.strategies.computed import archive
from fitness_assets.pipeline.validation import validate_tables
from fitness_assets.privacy import erase, find_person, keep_retention
from fitness_assets.storage import Storage
from fitness_assets.transforms.registry import transform_of
from fitness_assets_tests.contracts.changed import ChangedContracts
from fitness_assets_tests.durability.stress.faults import KilledError
from fitness_assets_tests.platform import AS_OF, Platform
from fitness_assets_tests.privacy.staying import (
    BPM,
    CUTOFF,
    DAY,
    GYMS,
    READINGS,
    STAYING,
    Stayed,
    archives_of,
    let_go,
)
from fitness_assets_tests.privacy.test_erasure import one_of, places_of
from fitness_assets_tests.records import LOGINS as HEADER
from fitness_assets_tests.records import action, reading, record

pytestmark = pytest.mark.slow

TIME = Column(name="time", type="timestamp", description="When.")
RATE = Column(name="heartrate", type="double", description="Beats a minute.", pii=Pii.HEALTH)


def is_right(stayed: Stayed, cutoff: int = CUTOFF, without: int = -1) -> None:
    """All tables are up to date and pass their checks, and those whose rows stay hold what they have to."""
    stayed.platform.update()
    found, expected = stayed.found(), stayed.expected(cutoff, without)
    for name in STAYING:
        lost = [row for row in expected[name] if row not in found[name]]
        assert (name, lost, [row for row in found[name] if row not in expected[name]]) == (name, [], [])
    assert found == expected
    archived = [DeltaTable(str(folder)).to_pyarrow_table().num_rows for folder in archives_of(stayed.platform)]
    assert archived == [len(stayed.frozen(name, cutoff, without)) for name in STAYING]
    assert {result.mode for result in stayed.platform.update().values()} == {"unchanged"}


def test_rows_stay_as_they_were_and_what_is_later_follows_its_records(stayed: Stayed) -> None:
    is_right(stayed)
    assert all(stayed.frozen(name) for name in STAYING)
    assert stayed.found() != stayed.frozen(GYMS)
    assert let_go(stayed.platform) == {}
    comparisons = list(validate_tables(stayed.platform.lake))
    assert [one.table.full_name for one in comparisons if not one.is_equal] == []


def test_nothing_changes_or_loses_them(stayed: Stayed) -> None:
    platform = stayed.platform
    zone = platform.settings.landing_zone
    platform.update(full=True)
    is_right(stayed)
    for note in [*platform.settings.checkpoint_zone.rglob("progress.json")]:
        note.unlink()
    is_right(stayed)
    for file in sorted((stayed.landed / "kafka_multiplex_bz").glob("*.json")):
        shutil.copyfile(file, zone / "kafka_multiplex_bz" / f"again_{file.name}")
    is_right(stayed)
    # Rows of the archive that somebody takes out of the table, and the table itself.
    DeltaTable(str(platform.path(GYMS))).delete(f"login < '{iso(CUTOFF)}'")
    is_right(stayed)
    shutil.rmtree(platform.path(BPM))
    is_right(stayed)


def test_an_archive_that_is_lost_or_put_back_is_made_again_from_its_table(stayed: Stayed) -> None:
    stayed.platform.update()
    first, second, *others = archives_of(stayed.platform)
    shutil.rmtree(first)
    DeltaTable(str(second)).restore(0)
    for other in others:
        DeltaTable(str(other)).delete()
    is_right(stayed)
    stayed.platform.update(full=True)
    is_right(stayed)


def test_a_late_record_adds_rows_above_the_cutoff_and_none_below(stayed: Stayed) -> None:
    """Also where it is of a session that stays: the row that stays is the one of its key."""
    user, device, mac = stayed.platform.rows("silver_db.users", "user_id, device_id, mac_address")[0]
    (session, workout, begun), *_ = (
        (row[4], row[3], row[8]) for row in stayed.platform.rows(GYMS) if row[8] < naive(CUTOFF) and row[7] == user
    )
    later = CUTOFF + 40 * 3_600
    records = [
        record("workout", user_id=user, workout_id=workout, session_id=session, timestamp=later + at, action=what)
        for at, what in ((60, "start"), (600, "stop"))
    ]
    records += [reading(device, later + 100, 99), reading(device, CUTOFF - 100, 98)]
    stayed.land("kafka_multiplex_bz", "late.json", records)
    opened = int(begun.replace(tzinfo=timezone.utc).timestamp())
    visits = [f"{mac},5,{later},{later + 900}", f"{mac},5,{opened},{opened + 86_000}"]
    stayed.land("gym_logins_bz", "late.csv", [HEADER, *visits])
    before = stayed.found()
    with unread_archives():
        stayed.platform.update()
    is_right(stayed)
    added = {name: len(rows) - len(before[name]) for name, rows in stayed.found().items()}
    assert added[BPM] == 1 and added[GYMS] == 1, added


def test_a_changed_rule_changes_the_rows_that_do_not_stay_alone(stayed: Stayed, contracts: ChangedContracts) -> None:
    before = stayed.found()[BPM]
    rule = transform_of(get_table(BPM))
    contracts.compute_by(BPM, lambda **sources: rule(**sources).withColumn("heartrate", F.expr("heartrate + 1")))
    contracts.set(BPM, code_version="2")
    stayed.platform.update()
    frozen = stayed.frozen(BPM)
    assert stayed.found()[BPM] == sorted(
        [*frozen, *((*row[:-1], row[-1] + 1) for row in before if row not in frozen)], key=repr
    )


def test_of_two_rows_of_one_key_the_one_that_stays_counts(due: Stayed) -> None:
    user, device = due.platform.rows("silver_db.users", "user_id, device_id")[0]
    across = [action(user, 900, CUTOFF - 600, "start"), action(user, 900, CUTOFF + 600, "stop")]
    due.land("kafka_multiplex_bz", "across.json", [*across, reading(device, CUTOFF + 300, 99)])
    due.platform.update()
    kept = replace(due, before=due.found())
    let_go(due.platform)
    due.land("kafka_multiplex_bz", "later_start.json", [action(user, 900, CUTOFF + 100, "start")])
    is_right(kept)
    due.platform.update(BPM, full=True)
    is_right(kept)


def test_a_restore_of_a_backup_from_before_keeps_them(due: Stayed) -> None:
    mac = due.platform.rows("silver_db.users", "mac_address")[0][0]
    due.land("gym_logins_bz", "after_the_backup.csv", [HEADER, f"{mac},5,{CUTOFF - 7_200},{CUTOFF - 3_600}"])
    due.platform.update()
    with_all = replace(due, before=due.found())
    let_go(due.platform)
    settings = due.platform.settings
    restore(settings, newest_backup(due.backup), is_replacing=True)
    is_right(with_all)
    # On a machine that has nothing but the backup its tables are as old as its cutoffs.
    for folder in (settings.data_zone, settings.checkpoint_zone, *put_aside(settings)):
        shutil.rmtree(folder)
    restore(settings, newest_backup(due.backup), is_replacing=True)
    let_go(due.platform)
    is_right(due)


@pytest.mark.parametrize(
    ("place", "name", "is_after", "is_let_go"),
    [
        (archive, "put_mark", False, False),
        (archive, "put_mark", True, False),
        (ErasureRegister, "put_cutoffs", False, False),
        (ErasureRegister, "put_cutoffs", True, True),
        (LocalLakehouse, "delete_rows", True, True),
    ],
    ids=["rows-archived", "one-marked", "all-marked", "cutoffs-moved", "records-gone"],
)
def test_a_killed_maintenance_is_finished_by_any_update(
    due: Stayed, place: object, name: str, is_after: bool, is_let_go: bool
) -> None:
    """Where no cutoff had moved yet, by the next maintenance."""
    write = getattr(place, name)

    def killed(*arguments: object) -> None:
        if is_after:
            write(*arguments)
        raise KilledError

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(place, name, killed)
        list(keep_retention(due.platform.lake))
    due.platform.update()
    if not is_let_go:
        assert due.found() == due.before
        let_go(due.platform)
    is_right(due)


def test_what_was_archived_by_a_killed_maintenance_and_corrected_since_is_archived_anew(due: Stayed) -> None:
    def killed(storage: Storage, table: Table, mark: ArchiveMark) -> None:
        if table.full_name == GYMS:
            raise KilledError
        put_mark(storage, table, mark)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(archive, "put_mark", killed)
        list(keep_retention(due.platform.lake))
    mac, gym, login = next((row[2], row[1], row[8]) for row in due.frozen(GYMS))
    begun = int(login.replace(tzinfo=timezone.utc).timestamp())
    due.land("gym_logins_bz", "corrected.csv", [HEADER, f"{mac},{gym},{begun},{begun + 80_000}"])
    due.platform.update()
    corrected = replace(due, before=due.found())
    assert corrected.frozen(GYMS) != due.frozen(GYMS)
    let_go(due.platform)
    is_right(corrected)
    due.platform.update(GYMS, full=True)
    is_right(corrected)


def test_a_person_who_is_forgotten_leaves_the_archive_too(stayed: Stayed, tmp_path: Path) -> None:
    stayed.platform.update()
    for folder in archives_of(stayed.platform):
        shutil.copytree(folder, tmp_path / "old" / folder.relative_to(stayed.platform.settings.base_dir))
    person = one_of(stayed.platform)
    assert [row for row in stayed.frozen(BPM) if person[0] in row]
    report = erase(stayed.platform.lake, find_person(stayed.platform.lake, user=str(person[0])))
    assert report.found == () and places_of(stayed.platform.settings.base_dir, person) == []
    # Her records are still in what landed once.
    expected = stayed.expected(without=person[0])
    found = stayed.found()
    assert found[BPM] == [row for row in expected[BPM] if row[0] != person[0]]
    assert found[GYMS] == [row for row in expected[GYMS] if row[7] != person[0]]
    shutil.copytree(tmp_path / "old", stayed.platform.settings.base_dir, dirs_exist_ok=True)
    stayed.platform.update(full=True)
    assert stayed.found() == found


def test_a_second_step_archives_what_became_too_old_since(stayed: Stayed) -> None:
    later = CUTOFF + 12 * DAY
    user, device, mac = stayed.platform.rows("silver_db.users", "user_id, device_id, mac_address")[0]
    records = [action(user, 900, later + 60, "start"), action(user, 900, later + 600, "stop")]
    stayed.land("kafka_multiplex_bz", "later.json", [*records, reading(device, later + 100, 99)])
    stayed.land("gym_logins_bz", "later.csv", [HEADER, f"{mac},5,{later},{later + 900}"])
    is_right(stayed)
    before = stayed.found()
    next_day = date.fromordinal(AS_OF.toordinal() + 11)
    later_platform = Platform(stayed.platform.settings.base_dir, stayed.platform.spark, next_day)
    moved = replace(stayed, platform=later_platform, before=before)
    assert let_go(moved.platform)[READINGS]
    is_right(moved, CUTOFF + 11 * DAY)
    assert len(moved.platform.rows(READINGS)) == 1 and moved.found() == before


def test_rows_go_once_their_contract_says_so(stayed: Stayed, contracts: ChangedContracts) -> None:
    stayed.platform.update()
    archives = list(archives_of(stayed.platform))
    for name in STAYING:
        contracts.set(name, archive_by=None)
    stayed.platform.update()
    assert not [row for name in (BPM, GYMS) for row in stayed.platform.rows(name) if row in stayed.frozen(name)]
    assert not any(folder.exists() for folder in archives)
    assert {result.mode for result in stayed.platform.update().values()} == {"unchanged"}


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        (READINGS, {"archive_by": "time"}, r"silver_db\.heart_rate .* its strategy is upsert"),
        (GYMS, {"archive_by": "began"}, "by began .* a timestamp or a date"),
        (GYMS, {"archive_by": "minutes_in_gym"}, "by minutes_in_gym .* a timestamp or a date"),
        (BPM, {"archive_by": "time", "columns": (), "audit_columns": (TIME, RATE)}, "nobody could be forgotten"),
    ],
)
def test_a_contract_by_which_no_rows_can_stay_is_refused(name: str, values: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        registry._check_archive(replace(get_table(name), **values))


@contextmanager
def unread_archives() -> Iterator[None]:
    """Let nobody read the rows of an archive."""
    read = LocalLakehouse.read

    def of_others(lake: LocalLakehouse, table: Table, version: int | None = None) -> RowSet:
        assert not table.state_of, f"{table.full_name} was read"
        return read(lake, table, version)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalLakehouse, "read", of_others)
        yield


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat()


def naive(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None)
