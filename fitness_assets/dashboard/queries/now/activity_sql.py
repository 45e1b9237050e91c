"""The SQL that people in the gyms and active workouts share: who is where, and which sessions go on."""

from datetime import datetime, timedelta

from fitness_assets.dashboard.queries.activity_limits import MAX_OPEN_VISIT_HOURS, MAX_WORKOUT_HOURS
from fitness_assets.dashboard.table_reader.predicates import between, sql_literal
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

UNCLOSED_VISIT_DAYS = 7


def visits_sql(transaction: ReadTransaction, now: datetime) -> str:
    """A table expression `visits` of all that began: whether each is `present`, whether it was left `unclosed`."""
    rows = transaction.scan("silver_db.gym_logs", "mac_address", "gym", "login", "logout", login=between(None, now))
    earliest_login = sql_literal(now - timedelta(hours=MAX_OPEN_VISIT_HOURS))
    present = f"is_latest AND coalesce(logout > {sql_literal(now)}, login > {earliest_login})"
    recent = f"login > {sql_literal(now - timedelta(days=UNCLOSED_VISIT_DAYS))}"
    return f"""
        visits AS (
            SELECT mac_address, gym, login, {present} AS present,
                logout IS NULL AND {recent} AND NOT ({present}) AS unclosed
            FROM (
                SELECT *, lead(login) OVER (PARTITION BY mac_address ORDER BY login, gym) IS NULL AS is_latest
                FROM {rows})
        )"""


def active_sessions_sql(transaction: ReadTransaction, now: datetime) -> str:
    """A query for the sessions that are going on: `user_id, workout_id, session_id, start_time`.

    The last event of such a session is a start less than 3 hours ago, and the person started no other session since.
    """
    earliest_start = now - timedelta(hours=MAX_WORKOUT_HOURS)
    rows = transaction.scan(
        "silver_db.workouts",
        *("user_id", "workout_id", "session_id", "action", "time"),
        time=between(earliest_start, now),
    )
    return f"""
        SELECT user_id, workout_id, session_id, start_time FROM (
            SELECT user_id, workout_id, session_id, max("time") FILTER (action = 'start') AS start_time,
                max("time") FILTER (action = 'stop') AS stop_time
            FROM {rows} GROUP BY user_id, workout_id, session_id HAVING start_time > {sql_literal(earliest_start)}
            QUALIFY row_number() OVER (
                PARTITION BY user_id ORDER BY start_time DESC, workout_id DESC, session_id DESC) = 1
        ) WHERE stop_time IS NULL OR stop_time <= start_time"""
