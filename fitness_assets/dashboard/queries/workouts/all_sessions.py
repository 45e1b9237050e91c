"""All sessions with what is known of each, in one table: made once for a set of versions, then filtered in memory."""

from datetime import datetime, timedelta

import pyarrow as pa

from fitness_assets.dashboard.queries.activity_limits import MAX_WORKOUT_HOURS
from fitness_assets.dashboard.table_reader.predicates import sql_literal
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

SESSION_TABLES = (
    "silver_db.workouts",
    "silver_db.completed_workouts",
    "gold_db.workout_bpm_summary",
    "silver_db.users",
    "silver_db.user_profile",
    "silver_db.user_bins",
    "silver_db.gym_logs",
)

_SESSION_KEY = "user_id, workout_id, session_id"

_SESSIONS = """
events AS (
    SELECT user_id, workout_id, session_id,
        max("time") FILTER (action = 'start') AS latest_start,
        min("time") FILTER (action = 'start') AS first_start,
        max("time") FILTER (action = 'stop') AS latest_stop
    FROM {workouts} GROUP BY ALL HAVING latest_start IS NOT NULL
),
-- A stop that is known before the finished session is: for a moment the tables above have not heard of it.
pairs AS (
    SELECT user_id, workout_id, session_id, min(struct_pack(s := s."time", e := t."time")) AS pair
    FROM {workouts} s JOIN {workouts} t USING (user_id, workout_id, session_id)
    WHERE s.action = 'start' AND t.action = 'stop'
        AND t."time" > s."time" AND t."time" < s."time" + INTERVAL 3 HOURS
    GROUP BY ALL
),
sessions AS (
    SELECT e.user_id, e.workout_id, e.session_id, e.first_start,
        coalesce(c.start_time, p.pair.s, e.latest_start) AS start_time,
        coalesce(c.end_time, p.pair.e) AS end_time,
        c.end_time IS NULL AND p.pair IS NULL AND coalesce(e.latest_stop < e.latest_start, true)
            AND e.latest_start = max(e.latest_start) OVER (PARTITION BY e.user_id) AS is_latest_open
    FROM events e
    LEFT JOIN {completed} c USING (user_id, workout_id, session_id)
    LEFT JOIN pairs p USING (user_id, workout_id, session_id)
)"""

_SESSION_GYMS = """
visits AS (
    SELECT u.user_id, v.gym, v.login,
        coalesce(v.logout, least(v.login + INTERVAL 12 HOURS, v.next_login)) AS until
    FROM (SELECT *, lead(login) OVER (PARTITION BY mac_address ORDER BY login, gym) AS next_login FROM {visits}) v
    JOIN {users} u USING (mac_address)
),
session_gyms AS (
    SELECT user_id, workout_id, session_id, arg_max(v.gym, (v.login, v.gym)) AS gym
    FROM sessions s JOIN visits v USING (user_id)
    WHERE s.start_time BETWEEN v.login AND v.until
    GROUP BY ALL
)"""


def fetch_all_sessions(transaction: ReadTransaction) -> pa.Table:
    """A row a session that was started.

    `user_id, workout_id, session_id, first_start, start_time, end_time` (UTC; null where not finished)`,
    is_latest_open` (the person's last start, with no stop since)`, minutes, gym, min_bpm, avg_bpm, max_bpm, readings,
    age, gender, city, state, first_name, last_name, dob`.
    """
    return transaction.cached("all sessions", SESSION_TABLES, lambda: _join_sessions(transaction))


def status_sql(now: datetime) -> str:
    """The status of a session at an instant, as SQL over its columns."""
    earliest_start = sql_literal(now - timedelta(hours=MAX_WORKOUT_HOURS))
    under_way = f"is_latest_open AND start_time > {earliest_start} AND start_time <= {sql_literal(now)}"
    return f"CASE WHEN end_time IS NOT NULL THEN 'finished' WHEN {under_way} THEN 'under way' ELSE 'no stop' END"


def _join_sessions(transaction: ReadTransaction) -> pa.Table:
    scan = transaction.scan
    sources = {
        "workouts": scan("silver_db.workouts", "user_id", "workout_id", "session_id", "action", "time"),
        "completed": scan(
            "silver_db.completed_workouts", "user_id", "workout_id", "session_id", "start_time", "end_time"
        ),
        "visits": scan("silver_db.gym_logs", "mac_address", "gym", "login", "logout"),
        "users": scan("silver_db.users", "user_id", "mac_address"),
    }
    summaries = scan(
        "gold_db.workout_bpm_summary",
        *("user_id", "workout_id", "session_id", "min_bpm", "avg_bpm", "max_bpm", "num_recordings"),
    )
    bins = scan("silver_db.user_bins", "user_id", "age", "gender", "city", "state")
    profiles = scan("silver_db.user_profile", "user_id", "first_name", "last_name", "dob")
    return transaction.fetch_table(
        f"""
        WITH {_SESSIONS.format(**sources)}, {_SESSION_GYMS.format(**sources)}
        SELECT {_SESSION_KEY}, first_start, start_time, end_time, is_latest_open,
            epoch_us(end_time - start_time) / 6e7 AS minutes, gym, min_bpm, avg_bpm, max_bpm,
            coalesce(num_recordings, 0) AS readings, age, gender, city, state, first_name, last_name, dob
        FROM sessions
        LEFT JOIN {summaries} USING ({_SESSION_KEY})
        LEFT JOIN session_gyms USING ({_SESSION_KEY})
        LEFT JOIN {bins} USING (user_id)
        LEFT JOIN {profiles} USING (user_id)
        ORDER BY start_time, {_SESSION_KEY}
        """
    )
