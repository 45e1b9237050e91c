"""Contracts by which rows stay although the records below them are let go, and what the tables then have to hold."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame

from fitness_assets.contracts.model import Column, Layer, Pii, Retention, Source, Table, UpdateStrategy
from fitness_assets.privacy import keep_retention
from fitness_assets.sample.people import FIRST_DAY
from fitness_assets_tests.contracts.changed import ChangedContracts
from fitness_assets_tests.end_to_end.reference import TABLES, Reference
from fitness_assets_tests.platform import AS_OF, Platform

BRONZE, LOGINS = "bronz_db.kafka_multiplex_bz", "bronz_db.gym_logins_bz"
VISITS, READINGS, SESSIONS = "silver_db.gym_logs", "silver_db.heart_rate", "silver_db.completed_workouts"
GYMS, BPM, SUMMARY = "gold_db.gym_summary", "silver_db.workout_bpm", "gold_db.workout_bpm_summary"
GYM_DAYS, PERSON_DAYS = "gold_db.gym_days", "gold_db.person_days"
DAY = 86_400
CUTOFF = FIRST_DAY + DAY
DAYS = (int(datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=timezone.utc).timestamp()) - CUTOFF) // DAY

STAYING = {
    GYMS: ("login", "mac_address, gym, login, user_id, workout_id, session_id"),
    BPM: ("start_time", "user_id, workout_id, session_id, time"),
    GYM_DAYS: ("date", "gym, date"),
    PERSON_DAYS: ("date", "user_id, date"),
}
"""By which column rows of which table stay, and its key. Gym days are above visits, which go; person days are above
readings of workouts, which stay."""
COLUMNS = {**TABLES, GYM_DAYS: "gym, date, visits", PERSON_DAYS: "user_id, date, readings"}
_ABOVE = {
    GYM_DAYS: "select gym, cast(login as date) as date, count(*) as visits from gym_logs group by all",
    PERSON_DAYS: "select user_id, cast(start_time as date) as date, count(*) as readings from true_workout_bpm "
    "group by all",
}


def _days(name: str, source: str, change_key: str, column: Column, count: str) -> Table:
    return Table(
        layer=Layer.GOLD,
        name=name,
        strategy=UpdateStrategy.INCREMENTAL,
        description="How much there was each day.",
        grain="a day",
        key=(change_key, "date"),
        sources=(Source(source, change_key=(change_key,)),),
        archive_by="date",
        columns=(
            column,
            Column(name="date", type="date", description="The UTC day.", nullable=False),
            Column(name=count, type="bigint", description="How many.", nullable=False),
        ),
    )


def gym_days(gym_logs: DataFrame) -> DataFrame:
    days = gym_logs.selectExpr("gym", "cast(login AS date) AS date")
    return days.groupBy("gym", "date").count().withColumnRenamed("count", "visits")


def person_days(workout_bpm: DataFrame) -> DataFrame:
    days = workout_bpm.selectExpr("user_id", "cast(start_time AS date) AS date")
    return days.groupBy("user_id", "date").count().withColumnRenamed("count", "readings")


def let_rows_stay(contracts: ChangedContracts) -> None:
    """Records go after some time, and rows of four tables stay."""
    contracts.set(GYMS, archive_by="login")
    contracts.set(BPM, archive_by="start_time")
    gym = Column(name="gym", type="bigint", description="The gym.", nullable=False)
    contracts.add(_days("gym_days", VISITS, "gym", gym, "visits"), gym_days)
    person = Column(name="user_id", type="bigint", description="The person.", nullable=False, pii=Pii.IDENTITY)
    contracts.add(_days("person_days", BPM, "user_id", person, "readings"), person_days)


def let_records_go(contracts: ChangedContracts) -> None:
    workouts = Retention("event_timestamp", DAYS, topic="workout")
    contracts.set(BRONZE, retention=(Retention("event_time", DAYS, topic="bpm"), workouts))
    contracts.set(LOGINS, retention=(Retention("login", DAYS),))


@dataclass(frozen=True)
class Stayed:
    """A platform whose old records were let go.

    Attributes:
        landed: all that ever landed, as files.
        before: the rows of each table that stays before its records went.
        backup: a backup from then.
    """

    platform: Platform
    landed: Path
    before: dict[str, list[tuple[Any, ...]]]
    backup: Path

    def land(self, folder: str, name: str, lines: list[str]) -> None:
        file = self.platform.land(folder, name, lines)
        shutil.copyfile(file, self.landed / folder / name)

    def expected(self, cutoff: int = CUTOFF, without: int = -1) -> dict[str, list[tuple[Any, ...]]]:
        """What the tables have to hold: the rows from before below the cutoff, and above it what the records give that
        are not older; nothing of one person, if one is named."""
        reference = Reference(self.landed, AS_OF)
        db = reference.db
        for records, time in (("logins", "login"), ("actions", "t"), ("readings", "t")):
            db.execute(f"delete from {records} where {time} < ?", [cutoff * 1_000_000])
        for name, (column, key) in STAYING.items():
            short = name.split(".")[1]
            db.execute(f"create view derived_{short} as {_ABOVE.get(name, f'select * from {short}')}")
            db.execute(f"create table frozen_{short} as select {COLUMNS[name]} from derived_{short} limit 0")
            if rows := self.frozen(name, cutoff, without):
                db.executemany(f"insert into frozen_{short} values ({', '.join('?' * len(rows[0]))})", rows)
            db.execute(
                f"create view true_{short} as select {COLUMNS[name]} from frozen_{short} union all "
                f"(select {COLUMNS[name]} from derived_{short} anti join frozen_{short} using ({key}) "
                f"where {column} >= make_timestamp({cutoff * 1_000_000}))"
            )
        return {
            name: sorted(db.execute(f"select {COLUMNS[name]} from true_{name.split('.')[1]}").fetchall(), key=repr)
            for name in STAYING
        }

    def frozen(self, name: str, cutoff: int = CUTOFF, without: int = -1) -> list[tuple[Any, ...]]:
        """The rows of a table from before that are older than a cutoff."""
        names = COLUMNS[name].split(", ")
        place = names.index(STAYING[name][0])
        person = names.index("user_id") if "user_id" in names else None
        rows = [row for row in self.before.get(name, []) if _seconds(row[place]) < cutoff]
        return [row for row in rows if person is None or row[person] != without]

    def found(self) -> dict[str, list[tuple[Any, ...]]]:
        return rows_that_stay(self.platform)


def rows_that_stay(platform: Platform) -> dict[str, list[tuple[Any, ...]]]:
    return {name: platform.rows(name, COLUMNS[name]) for name in STAYING}


def let_go(platform: Platform) -> dict[str, int]:
    """Let go of what is too old; how many rows left which table."""
    results = list(keep_retention(platform.lake))
    assert not [result.problem for result in results if result.problem]
    return {result.table: result.expired for result in results}


def archives_of(platform: Platform) -> Iterator[Path]:
    """The folders of the archives."""
    for name in STAYING:
        yield platform.settings.checkpoint_zone / name.replace(".", "/") / "archive"


def _seconds(value: date) -> float:
    instant = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    return instant.replace(tzinfo=timezone.utc).timestamp()
