"""The workouts that are going on at an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from fitness_assets.dashboard.queries.heart_rate_zones import age_on, max_heart_rate, zone_number
from fitness_assets.dashboard.queries.masking import with_display_names
from fitness_assets.dashboard.queries.now.activity_sql import active_sessions_sql, visits_sql
from fitness_assets.dashboard.queries.query import instant_or_now, query
from fitness_assets.dashboard.table_reader.predicates import between, sql_literal
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

FRESH_READING_MINUTES = 5
"""A heart rate is shown beside an active workout if it is no older."""


@dataclass(frozen=True)
class ActiveWorkouts:
    """The workouts that are going on, the latest started first.

    Attributes:
        rows: a row a workout: `user_id, workout_id, session_id, name` (masked unless allowed)`, start_time` (UTC)`,
            minutes` (since the start)`, gym` (null where the person is in none)`, heartrate` (the latest valid reading
            since the start and within 5 minutes, beats a minute, null where there is none)`, read_at` (its time, UTC)`,
            zone` (0 to 5, null where the age or the heart rate is unknown)`.
    """

    rows: pa.Table

    @property
    def count(self) -> int:
        return int(self.rows.num_rows)


@query(
    "silver_db.workouts",
    also_reads=("silver_db.users", "silver_db.user_profile", "silver_db.gym_logs", "silver_db.heart_rate"),
)
def get_active_workouts(
    transaction: ReadTransaction, now: datetime | None = None, unmasked: bool = False
) -> ActiveWorkouts:
    """The workouts that are going on.

    The last event of the session is a start less than 3 hours ago, and the person started no other session since.
    """
    now = instant_or_now(now)
    users = transaction.scan("silver_db.users", "user_id", "device_id", "mac_address")
    profiles = transaction.scan("silver_db.user_profile", "user_id", "first_name", "last_name", "dob")
    fresh = between(now - timedelta(minutes=FRESH_READING_MINUTES), now)
    readings = transaction.scan("silver_db.heart_rate", "device_id", "time", "heartrate", "valid", time=fresh)
    rows = transaction.fetch_table(
        f"""
        WITH {visits_sql(transaction, now)}, active_sessions AS ({active_sessions_sql(transaction, now)}),
        latest_readings AS (
            SELECT s.user_id, max(struct_pack(read_at := r."time", heartrate := r.heartrate)) AS reading
            FROM active_sessions s JOIN {users} u USING (user_id) JOIN {readings} r USING (device_id)
            WHERE r.valid AND r."time" > s.start_time GROUP BY ALL
        )
        SELECT s.user_id, s.workout_id, s.session_id, p.first_name, p.last_name, p.dob, s.start_time,
            epoch_us({sql_literal(now)} - s.start_time) / 6e7 AS minutes, v.gym, l.reading.heartrate, l.reading.read_at
        FROM active_sessions s
        LEFT JOIN {users} u USING (user_id)
        LEFT JOIN (SELECT * FROM visits WHERE present) v USING (mac_address)
        LEFT JOIN {profiles} p USING (user_id)
        LEFT JOIN latest_readings l USING (user_id)
        ORDER BY s.start_time DESC, s.user_id
        """
    )
    zones = [_zone(row, now) for row in rows.select(["dob", "heartrate"]).to_pylist()]
    rows = with_display_names(rows, unmasked).drop_columns(["dob"])
    return ActiveWorkouts(rows.append_column("zone", pa.array(zones, pa.int64())))


def _zone(row: dict[str, Any], now: datetime) -> int | None:
    max_rate = max_heart_rate(age_on(row["dob"], now.date()))
    return None if max_rate is None or row["heartrate"] is None else zone_number(row["heartrate"], max_rate)
