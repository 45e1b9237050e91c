"""Small tables made by hand, without a JVM: a row names only what matters to it."""

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.dashboard.lake import Lake, View
from fitness_assets.lakehouse.schemas import arrow_schema
from fitness_assets.lakehouse.tables import PROPERTIES
from fitness_assets.settings import Settings

_PLAIN = {
    **{"bigint": 0, "int": 0, "double": 0.0, "string": "", "boolean": True},
    "timestamp": datetime(2026, 1, 1, tzinfo=timezone.utc),
    "date": date(2026, 1, 1),
}


def at(text: str) -> datetime:
    """An instant in UTC: `06-01 10:00:00` is of the year 2026."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=timezone.utc)


def after(start: datetime, **more: float) -> datetime:
    return start + timedelta(**more)


def user_ids(view: View) -> list[int]:
    """The people of `silver_db.users`."""
    rows = view.ask(f"SELECT user_id FROM {view.rows('silver_db.users', 'user_id')}")
    return [int(one) for one in rows["user_id"].to_pylist()]


class Zone:
    """A data zone that a test fills."""

    def __init__(self, base: Path, **settings: Any) -> None:
        self.settings = Settings(base, **settings)
        self.lake = Lake(self.settings)

    def path(self, name: str) -> str:
        return str(self.lake.house.path(get_table(name)))

    def put(self, name: str, *rows: dict[str, Any], mode: str = "append") -> None:
        """Write rows in one commit; what a row does not name is null, or plain where null is not allowed."""
        contract = get_table(name)
        plain = {one.name: None if one.nullable else _PLAIN[one.type] for one in contract.all_columns}
        unknown = {column for row in rows for column in row} - set(plain)
        assert not unknown, f"{name} has no {unknown}"
        write_deltalake(
            self.path(name),
            pa.Table.from_pylist([plain | row for row in rows], arrow_schema(contract)),
            mode=mode,  # type: ignore[arg-type]
            partition_by=list(contract.partition_by) or None,
            configuration=PROPERTIES,
        )

    def put_all_empty(self) -> None:
        for name in all_tables():
            self.put(name)

    def delta(self, name: str) -> DeltaTable:
        return DeltaTable(self.path(name))

    def user(self, user_id: int, **more: Any) -> None:
        """A person with device 10 times and MAC address like the id."""
        row = {"user_id": user_id, "device_id": user_id * 10, "mac_address": f"mac{user_id}"}
        self.put("silver_db.users", row | {"registration_timestamp": at("01-01 00:00:00")} | more)

    def profile(self, user_id: int, **more: Any) -> None:
        self.put("silver_db.user_profile", {"user_id": user_id, "updated": at("01-01 00:00:00")} | more)

    def visit(self, user_id: int, gym: int, login: datetime, logout: datetime | None = None) -> None:
        row = {"mac_address": f"mac{user_id}", "gym": gym, "login": login, "logout": logout}
        self.put("silver_db.gym_logs", row)

    def session(
        self, user_id: int, session_id: int, start: datetime, end: datetime | None = None, workout_id: int = 1
    ) -> None:
        """A start, and with an end a stop and the finished session."""
        of = {"user_id": user_id, "workout_id": workout_id, "session_id": session_id}
        events = [of | {"action": "start", "time": start}] + ([of | {"action": "stop", "time": end}] if end else [])
        self.put("silver_db.workouts", *events)
        if end:
            self.put("silver_db.completed_workouts", of | {"start_time": start, "end_time": end})

    def summary(self, user_id: int, session_id: int, *bpm: float, readings: int = 1, workout_id: int = 1) -> None:
        """The three numbers of a session."""
        low, mean, high = bpm
        of = {"user_id": user_id, "workout_id": workout_id, "session_id": session_id, "num_recordings": readings}
        self.put("gold_db.workout_bpm_summary", of | {"min_bpm": low, "avg_bpm": mean, "max_bpm": high})

    def readings(self, user_id: int, *readings: tuple[datetime, float]) -> None:
        rows = [
            {"device_id": user_id * 10, "time": time, "heartrate": rate, "valid": rate > 0} for time, rate in readings
        ]
        self.put("silver_db.heart_rate", *rows)
