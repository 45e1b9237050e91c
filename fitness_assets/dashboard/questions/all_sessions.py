"""All sessions with what is known of each, in one table: made once for a set of versions, then filtered in memory."""

from datetime import datetime, timedelta

import pyarrow as pa

from fitness_assets.dashboard.lake import View
from fitness_assets.lakehouse.predicates import literal

SESSION_TABLES = (
    "silver_db.workouts",
    "silver_db.completed_workouts",
    "gold_db.workout_bpm_summary",
    "silver_db.users",
    "silver_db.user_profile",
    "silver_db.user_bins",
    "silver_db.gym_logs",
)
OPEN_AT_MOST_HOURS = 12
"""A visit open for longer is taken for one whose logout was never seen."""
TRAINS_AT_MOST_HOURS = 3
"""A workout without a stop for longer can never be a finished one (contract, section 4)."""

_SESSION = "user_id, workout_id, session_id"

_PAIRED = """
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
            AND e.latest_start = max(e.latest_start) OVER (PARTITION BY e.user_id) AS going_on
    FROM events e
    LEFT JOIN {completed} c USING (user_id, workout_id, session_id)
    LEFT JOIN pairs p USING (user_id, workout_id, session_id)
)"""

_SEEN = """
visits AS (
    SELECT u.user_id, v.gym, v.login,
        coalesce(v.logout, least(v.login + INTERVAL 12 HOURS, v.next_login)) AS until
    FROM (SELECT *, lead(login) OVER (PARTITION BY mac_address ORDER BY login, gym) AS next_login FROM {visits}) v
    JOIN {users} u USING (mac_address)
),
places AS (
    SELECT user_id, workout_id, session_id, arg_max(v.gym, (v.login, v.gym)) AS gym
    FROM sessions s JOIN visits v USING (user_id)
    WHERE s.start_time BETWEEN v.login AND v.until
    GROUP BY ALL
)"""


def all_sessions(view: View) -> pa.Table:
    """A row a session that was started.

    `user_id, workout_id, session_id, first_start, start_time, end_time` (UTC; null where not finished)`, going_on`
    (the person's last start, with no stop since)`, minutes, gym, min_bpm, avg_bpm, max_bpm, readings, age, gender,
    city, state, first_name, last_name, dob`.
    """
    return view.kept("all sessions", SESSION_TABLES, lambda: _made(view))


def status_sql(now: datetime) -> str:
    """The status of a session at an instant, as SQL over its columns."""
    since = literal(now - timedelta(hours=TRAINS_AT_MOST_HOURS))
    going_on = f"going_on AND start_time > {since} AND start_time <= {literal(now)}"
    return f"CASE WHEN end_time IS NOT NULL THEN 'finished' WHEN {going_on} THEN 'under way' ELSE 'no stop' END"


def _made(view: View) -> pa.Table:
    sources = {
        "workouts": view.rows("silver_db.workouts", "user_id", "workout_id", "session_id", "action", "time"),
        "completed": view.rows(
            "silver_db.completed_workouts", "user_id", "workout_id", "session_id", "start_time", "end_time"
        ),
        "visits": view.rows("silver_db.gym_logs", "mac_address", "gym", "login", "logout"),
        "users": view.rows("silver_db.users", "user_id", "mac_address"),
    }
    numbers = view.rows(
        "gold_db.workout_bpm_summary",
        *("user_id", "workout_id", "session_id", "min_bpm", "avg_bpm", "max_bpm", "num_recordings"),
    )
    bins = view.rows("silver_db.user_bins", "user_id", "age", "gender", "city", "state")
    profiles = view.rows("silver_db.user_profile", "user_id", "first_name", "last_name", "dob")
    return view.ask(
        f"""
        WITH {_PAIRED.format(**sources)}, {_SEEN.format(**sources)}
        SELECT {_SESSION}, first_start, start_time, end_time, going_on,
            epoch_us(end_time - start_time) / 6e7 AS minutes, gym, min_bpm, avg_bpm, max_bpm,
            coalesce(num_recordings, 0) AS readings, age, gender, city, state, first_name, last_name, dob
        FROM sessions
        LEFT JOIN {numbers} USING ({_SESSION})
        LEFT JOIN places USING ({_SESSION})
        LEFT JOIN {bins} USING (user_id)
        LEFT JOIN {profiles} USING (user_id)
        ORDER BY start_time, {_SESSION}
        """
    )
