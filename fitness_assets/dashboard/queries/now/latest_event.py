"""The newest instant that any event tells of."""

from datetime import datetime, timedelta

from fitness_assets.dashboard.queries.query import instant_or_now, query
from fitness_assets.dashboard.table_reader.predicates import between
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction


@query("silver_db.heart_rate", "silver_db.workouts", "silver_db.gym_logs")
def get_latest_event_time(transaction: ReadTransaction) -> datetime | None:
    """The newest instant that any event tells of (reading, start or stop, login or logout), UTC; None without events.

    Pass it as `now` to look at recorded data as if it were live. What a wrong clock puts into the future does not
    count. Opens only the files with the newest events.
    """
    event_columns = (
        ("silver_db.heart_rate", "time"),
        ("silver_db.workouts", "time"),
        ("silver_db.gym_logs", "login"),
        ("silver_db.gym_logs", "logout"),
    )
    times = [newest_time(transaction, table_name, column, instant_or_now(None)) for table_name, column in event_columns]
    return max((time for time in times if time), default=None)


def newest_time(transaction: ReadTransaction, table_name: str, column: str, until: datetime) -> datetime | None:
    """The greatest value of a column of times, at most `until`; opens few files."""
    _, greatest = transaction.min_max(table_name, column)
    start = greatest if greatest is None or greatest <= until else until - timedelta(hours=1)
    for low in (start, None):
        rows = transaction.scan(table_name, column, **{column: between(low, until)})
        newest: datetime | None = transaction.fetch_row(f'SELECT max("{column}") AS newest FROM {rows}')["newest"]
        if newest is not None or low is None:
            return newest
    return None
