"""Records that are older than their contract keeps them are nowhere, and nothing brings them back."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timezone
from pathlib import Path

import pytest
from deltalake import DeltaTable

from fitness_assets.contracts import registry
from fitness_assets.contracts.model import Retention
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import ContractError
from fitness_assets.pipeline.state.erasures import read_erasures
from fitness_assets.privacy import keep_retention
from fitness_assets.privacy.retention import _moved
from fitness_assets.sample.landing_files import write_calendar
from fitness_assets.storage import open_storage
from fitness_assets_tests.contracts.changed import ChangedContracts
from fitness_assets_tests.durability.stress.faults import COMMITS, KilledError, killed_at
from fitness_assets_tests.platform import AS_OF, Platform
from fitness_assets_tests.records import LOGINS, REGISTERED, action, reading

BRONZE, READINGS, SUMMARY = "bronz_db.kafka_multiplex_bz", "silver_db.heart_rate", "gold_db.workout_bpm_summary"
LOGIN, VISITS = "bronz_db.gym_logins_bz", "silver_db.gym_logs"
DAYS = 30
CUTOFF = int(datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=timezone.utc).timestamp()) - DAYS * 86_400
OLD, NEW = CUTOFF - 3_600, CUTOFF + 3_600


def kept(contracts: ChangedContracts) -> None:
    contracts.set(BRONZE, retention=(Retention("event_time", DAYS, topic="bpm"),))
    contracts.set(LOGIN, retention=(Retention("login", DAYS),))


@pytest.fixture
def two_ages(platform: Platform, contracts: ChangedContracts) -> Platform:
    """Readings, a workout and visits of both sides of the cutoff, up to date before anybody asks how old they are."""
    write_calendar(platform.settings.landing_zone)
    platform.land("registered_users_bz", "a.csv", [REGISTERED, f"1,7,aa,{OLD}"])
    records = [action(1, number, begin, kind) for number, begin in ((1, OLD), (2, NEW)) for kind in ("start",)]
    records += [action(1, 1, OLD + 600, "stop"), action(1, 2, NEW + 600, "stop")]
    records += [reading(7, begin + second, 100 + second) for begin in (OLD, NEW) for second in (10, 20)]
    platform.land("kafka_multiplex_bz", "a.json", records)
    platform.land("gym_logins_bz", "a.csv", [LOGINS, f"aa,5,{OLD},{OLD + 700}", f"aa,5,{NEW},{NEW + 700}"])
    platform.update()
    assert len(platform.rows(READINGS)) == 4 and len(platform.rows(VISITS)) == 2
    kept(contracts)
    return platform


def let_go(platform: Platform) -> dict[str, int]:
    results = list(keep_retention(platform.lake))
    assert not [result.problem for result in results if result.problem]
    return {result.table: result.expired for result in results}


def times(platform: Platform) -> list[int]:
    rows = platform.rows(READINGS, "time")
    return sorted(int(row[0].replace(tzinfo=timezone.utc).timestamp()) for row in rows)


def is_kept(platform: Platform) -> None:
    """What is new is here, once; what is old is nowhere, and all checks pass."""
    platform.update()
    assert times(platform) == [NEW + 10, NEW + 20]
    assert len(platform.rows(VISITS)) == 1
    topics = [row[0] for row in platform.rows(BRONZE, "topic")]
    assert sorted(topics) == ["bpm"] * 2 + ["workout"] * 4
    landed = (platform.settings.landing_zone / "kafka_multiplex_bz").glob("*.json")
    assert not [file.name for file in landed if f"{OLD + 10}" in file.read_text()]
    assert {result.mode for result in platform.update().values()} == {"unchanged"}


def test_old_records_leave_every_table_and_the_landed_files(two_ages: Platform) -> None:
    gone = let_go(two_ages)
    assert gone[BRONZE] == 2 and gone[READINGS] == 2 and gone[LOGIN] == 1 and gone[VISITS] == 1
    is_kept(two_ages)
    assert let_go(two_ages) == {}


def test_nothing_brings_them_back(two_ages: Platform, tmp_path: Path) -> None:
    zone = two_ages.settings.landing_zone / "kafka_multiplex_bz"
    before = (zone / "a.json").read_text()
    let_go(two_ages)
    two_ages.update(full=True)
    is_kept(two_ages)
    two_ages.land("kafka_multiplex_bz", "late.json", [reading(7, OLD + 30, 130)])
    two_ages.update()
    assert not (zone / "late.json").exists(), "nothing of it is left"
    is_kept(two_ages)
    two_ages.land("kafka_multiplex_bz", "late.json", [reading(7, NEW + 20, 120)])
    two_ages.update()
    assert len(two_ages.rows(BRONZE)) == 7
    DeltaTable(str(two_ages.path(BRONZE))).delete("source_file LIKE '%late.json'")
    (zone / "late.json").unlink()
    is_kept(two_ages)
    for note in two_ages.settings.checkpoint_zone.rglob("ingested_files.parquet"):
        note.unlink()
    for note in two_ages.settings.checkpoint_zone.rglob("progress.json"):
        note.unlink()
    is_kept(two_ages)
    two_ages.land("kafka_multiplex_bz", "again.json", before.splitlines())
    two_ages.update()
    assert times(two_ages) == [NEW + 10, NEW + 20]
    assert f"{OLD + 10}" not in (zone / "again.json").read_text()


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_killed_maintenance_is_finished_by_any_update(two_ages: Platform, number: int) -> None:
    with killed_at(number, is_after=True, kinds=(COMMITS,)), suppress(KilledError):
        list(keep_retention(two_ages.lake))
    is_kept(two_ages)


def test_a_refused_record_goes_by_its_kafka_timestamp_and_stays_without_one(
    two_ages: Platform,
) -> None:
    refused = [
        f'{{"key": "7", "value": "rubbish", "topic": "bpm", "partition": 0, "offset": {offset}, "timestamp": {stamp}}}'
        for offset, stamp in ((1, OLD * 1_000), (2, NEW * 1_000), (3, "null"))
    ]
    two_ages.land("kafka_multiplex_bz", "refused.json", refused)
    two_ages.update()
    let_go(two_ages)
    two_ages.update()
    offsets = DeltaTable(str(two_ages.path(BRONZE))).to_pyarrow_table(columns=["offset", "reason"]).to_pylist()
    assert sorted(row["offset"] for row in offsets if row["reason"]) == [2, 3]
    assert len(two_ages.rows("silver_db.quarantine", "record")) == 2


def test_without_a_retention_in_a_contract_nothing_goes(platform: Platform) -> None:
    platform.land("kafka_multiplex_bz", "a.json", [reading(7, 1, 100)])
    platform.update()
    assert list(keep_retention(platform.lake)) == []
    assert len(platform.rows(BRONZE)) == 1


def test_a_cutoff_moves_in_steps_and_never_back(two_ages: Platform) -> None:
    def cutoff(day: date, contract_days: int = 48) -> float:
        later = Platform(two_ages.settings.base_dir, two_ages.spark, day)
        list(keep_retention(later.lake))
        storage = open_storage(later.settings.checkpoint_zone)
        return next(one.before for one in read_erasures(storage).cutoffs if one.table == BRONZE)

    first = cutoff(AS_OF)
    assert first == CUTOFF
    assert cutoff(date.fromordinal(AS_OF.toordinal() + 1)) == CUTOFF, "a step is 30 hours of 30 days"
    assert cutoff(date.fromordinal(AS_OF.toordinal() + 2)) == CUTOFF + 2 * 86_400
    assert cutoff(AS_OF) == CUTOFF + 2 * 86_400
    assert _moved((), []) == ()


@pytest.mark.parametrize(
    ("retention", "message"),
    [
        (Retention("when", 30), "0 days, by a column that is a timestamp"),
        (Retention("key", 30), "by a column that is a timestamp"),
        (Retention("event_time", 0), "more than 0 days"),
        (Retention("event_time", -5), "more than 0 days"),
        (Retention("event_time", 30, topic="workout"), "which none of them has"),
    ],
)
def test_a_retention_that_cannot_be_meant_is_refused(retention: Retention, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        registry._check_retention(replace(get_table(BRONZE), retention=(retention,)))


def test_a_day_in_the_future_lets_go_of_nothing_that_today_does_not(two_ages: Platform) -> None:
    later = Platform(two_ages.settings.base_dir, two_ages.spark, date(2999, 1, 1))
    list(keep_retention(later.lake))
    cutoffs = read_erasures(open_storage(later.settings.checkpoint_zone)).cutoffs
    assert max(cutoff.before for cutoff in cutoffs) <= datetime.now(timezone.utc).timestamp() - (DAYS - 1) * 86_400


def test_a_table_whose_rows_follow_from_others_has_none_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    from fitness_assets.contracts.silver import heart_rate

    keeps = heart_rate.TABLE.__class__(**{**vars(heart_rate.TABLE), "retention": (Retention("time", 30),)})
    monkeypatch.setattr(heart_rate, "TABLE", keeps)
    registry.all_tables.cache_clear()
    try:
        with pytest.raises(ContractError, match=r"silver_db\.heart_rate has a retention"):
            get_table(READINGS)
    finally:
        monkeypatch.undo()
        registry.all_tables.cache_clear()
