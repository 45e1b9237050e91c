"""Small tables made by hand, without a JVM: a row names only what matters to it."""

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.dashboard.table_reader.reader import TableReader
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction
from fitness_assets.lakehouse.local.paths import table_folder
from fitness_assets.lakehouse.schemas import TABLE_PROPERTIES
from fitness_assets.settings import Settings

_DEFAULTS = {
    **{"bigint": 0, "int": 0, "double": 0.0, "string": "", "boolean": True},
    "timestamp": datetime(2026, 1, 1, tzinfo=timezone.utc),
    "date": date(2026, 1, 1),
}


def utc(text: str) -> datetime:
    """An instant in UTC: `06-01 10:00:00` is of the year 2026."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=timezone.utc)


def later(start: datetime, **duration: float) -> datetime:
    """So long after an instant, in the words of `timedelta`."""
    return start + timedelta(**duration)


def user_ids(transaction: ReadTransaction) -> list[int]:
    """The people of `silver_db.users`."""
    rows = transaction.fetch_table(f"SELECT user_id FROM {transaction.scan('silver_db.users', 'user_id')}")
    return [int(user_id) for user_id in rows["user_id"].to_pylist()]


class TableBuilder:
    """A data zone that a test fills."""

    def __init__(self, base: Path, **settings: Any) -> None:
        self.settings = Settings(base_dir=base, **settings)
        self.reader = TableReader(self.settings)

    def path(self, table_name: str) -> Path:
        return table_folder(self.settings, get_table(table_name))

    def delta_table(self, table_name: str) -> DeltaTable:
        return DeltaTable(str(self.path(table_name)))

    def write(self, table_name: str, *rows: dict[str, Any], mode: str = "append") -> None:
        """Write rows in one commit; what a row does not name is null, or a default where null is not allowed."""
        contract = get_table(table_name)
        defaults = {column.name: None if column.nullable else _DEFAULTS[column.type] for column in contract.all_columns}
        unknown = {column for row in rows for column in row} - set(defaults)
        assert not unknown, f"{table_name} has no {unknown}"
        write_deltalake(  # type: ignore[call-overload]
            str(self.path(table_name)),
            pa.Table.from_pylist([defaults | row for row in rows], arrow_schema(contract)),
            mode=mode,
            partition_by=list(contract.partition_by) or None,
            configuration=TABLE_PROPERTIES,
        )

    def create_all_empty(self) -> None:
        for table_name in all_tables():
            self.write(table_name)

    def add_user(self, user_id: int, **columns: Any) -> None:
        """A person with device 10 times and MAC address like the id."""
        row = {"user_id": user_id, "device_id": user_id * 10, "mac_address": f"mac{user_id}"}
        self.write("silver_db.users", row | {"registration_timestamp": utc("01-01 00:00:00")} | columns)

    def add_profile(self, user_id: int, **columns: Any) -> None:
        self.write("silver_db.user_profile", {"user_id": user_id, "updated": utc("01-01 00:00:00")} | columns)

    def add_visit(self, user_id: int, gym: int, login: datetime, logout: datetime | None = None) -> None:
        row = {"mac_address": f"mac{user_id}", "gym": gym, "login": login, "logout": logout}
        self.write("silver_db.gym_logs", row)

    def add_session(
        self, user_id: int, session_id: int, start: datetime, end: datetime | None = None, workout_id: int = 1
    ) -> None:
        """A start, and with an end a stop and the finished session."""
        key = {"user_id": user_id, "workout_id": workout_id, "session_id": session_id}
        events = [key | {"action": "start", "time": start}] + ([key | {"action": "stop", "time": end}] if end else [])
        self.write("silver_db.workouts", *events)
        if end:
            self.write("silver_db.completed_workouts", key | {"start_time": start, "end_time": end})

    def add_summary(self, user_id: int, session_id: int, *bpm: float, readings: int = 1, workout_id: int = 1) -> None:
        """The lowest, the mean and the highest heart rate of a session."""
        low, mean, high = bpm
        key = {"user_id": user_id, "workout_id": workout_id, "session_id": session_id}
        figures = {"min_bpm": low, "avg_bpm": mean, "max_bpm": high, "num_recordings": readings}
        self.write("gold_db.workout_bpm_summary", key | figures)

    def add_readings(self, user_id: int, *readings: tuple[datetime, float]) -> None:
        rows = [
            {"device_id": user_id * 10, "time": time, "heartrate": rate, "valid": rate > 0} for time, rate in readings
        ]
        self.write("silver_db.heart_rate", *rows)
