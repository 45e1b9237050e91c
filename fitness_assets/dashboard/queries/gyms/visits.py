"""Visits to the gyms: which gyms and days there are, visits a day, and visits with workouts."""

from datetime import date, datetime

import pyarrow as pa

from fitness_assets.dashboard.queries.query import query, time_zone_literal
from fitness_assets.dashboard.table_reader.predicates import Predicate, one_of, time_range
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction


@query("silver_db.gym_logs")
def list_gyms(transaction: ReadTransaction) -> tuple[int, ...]:
    """The number of every gym that ever had a visit, in order."""
    rows = transaction.scan("silver_db.gym_logs", "gym")
    return tuple(transaction.fetch_table(f"SELECT DISTINCT gym FROM {rows} ORDER BY gym")["gym"].to_pylist())


@query("silver_db.gym_logs")
def get_login_dates(transaction: ReadTransaction) -> tuple[date, date] | None:
    """The first and the last day (UTC) with a login; None without visits."""
    rows = transaction.scan("silver_db.gym_logs", "login")
    dates = transaction.fetch_row(f"SELECT min(login)::DATE AS first, max(login)::DATE AS last FROM {rows}")
    return (dates["first"], dates["last"]) if dates["first"] else None


@query("silver_db.gym_logs")
def count_visits_by_day(
    transaction: ReadTransaction,
    gyms: tuple[int, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    time_zone: str = "UTC",
) -> pa.Table:
    """A row a day and gym with a visit: `day, gym, visits, people`, in that order. `day` is the day of the login."""
    rows = transaction.scan("silver_db.gym_logs", "mac_address", "gym", "login", **visit_predicates(gyms, since, until))
    return transaction.fetch_table(
        f"""
        SELECT timezone({time_zone_literal(time_zone)}, login)::DATE AS day, gym, count(*)::INT AS visits,
            count(DISTINCT mac_address)::INT AS people
        FROM {rows} GROUP BY ALL ORDER BY day, gym
        """
    )


@query("gold_db.gym_summary")
def list_visits_with_workouts(
    transaction: ReadTransaction,
    gyms: tuple[int, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = 2000,
) -> pa.Table:
    """A row a closed visit during which a finished session began, the latest first.

    `gym, date, login` (UTC)`, user_id, minutes_in_gym, minutes_exercising` (summed over its sessions)`, sessions`.

    Args:
        limit: None for all of them, for a download.
    """
    rows = transaction.scan(
        "gold_db.gym_summary",
        *("date", "mac_address", "gym", "login", "user_id", "workout_id", "session_id"),
        *("minutes_in_gym", "minutes_exercising"),
        **visit_predicates(gyms, since, until),
    )
    return transaction.fetch_table(
        f"""
        SELECT gym, "date", login, user_id, any_value(minutes_in_gym) AS minutes_in_gym,
            sum(minutes_exercising) AS minutes_exercising, count(*)::INT AS sessions
        FROM {rows}
        GROUP BY gym, "date", login, user_id, mac_address
        ORDER BY login DESC, gym, user_id LIMIT {"ALL" if limit is None else int(limit)}
        """
    )


def visit_predicates(gyms: tuple[int, ...], since: datetime | None, until: datetime | None) -> dict[str, Predicate]:
    """The predicates of visits that began in these gyms, at or after `since` and before `until`."""
    predicates: dict[str, Predicate] = {"login": time_range(since, until)} if since or until else {}
    return predicates | ({"gym": one_of(map(int, gyms))} if gyms else {})
