"""How many people are in each gym at an instant."""

from dataclasses import dataclass
from datetime import datetime

from fitness_assets.dashboard.queries.now.activity_sql import active_sessions_sql, visits_sql
from fitness_assets.dashboard.queries.query import instant_or_now, query
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction


@dataclass(frozen=True)
class GymOccupancy:
    """One gym at the moment.

    Attributes:
        people: wearables whose latest visit is here and going on.
        training: how many of them have an active workout.
        longest_since: the login of the one who is here longest, UTC; None where nobody is here.
        last_login: the latest login at the gym up to now, UTC.
        unclosed_visits: visits of the last 7 days that were never closed and cannot be going on any more: the wearable
            logged in elsewhere or again since, or the login is 12 hours ago or more.
    """

    gym: int
    people: int
    training: int
    longest_since: datetime | None
    last_login: datetime | None
    unclosed_visits: int


@dataclass(frozen=True)
class TotalOccupancy:
    """Every gym that had a visit up to now, by number, with nobody in it too; the counts are sums over them."""

    gyms: tuple[GymOccupancy, ...]
    people: int
    training: int
    unclosed_visits: int


@query("silver_db.gym_logs", also_reads=("silver_db.users", "silver_db.workouts"))
def get_gym_occupancy(transaction: ReadTransaction, now: datetime | None = None) -> TotalOccupancy:
    """How many people are in each gym.

    A wearable is where its latest login is, if that visit is not over: its logout is after now, or it has none and
    began less than 12 hours ago.
    """
    now = instant_or_now(now)
    users = transaction.scan("silver_db.users", "user_id", "mac_address")
    rows = transaction.fetch_table(
        f"""
        WITH {visits_sql(transaction, now)}, active_sessions AS ({active_sessions_sql(transaction, now)})
        SELECT gym, count(*) FILTER (present)::INT AS people,
            count(*) FILTER (present AND mac_address IN (
                SELECT mac_address FROM {users} SEMI JOIN active_sessions USING (user_id)))::INT AS training,
            min(login) FILTER (present) AS longest_since, max(login) AS last_login,
            count(*) FILTER (unclosed)::INT AS unclosed_visits
        FROM visits GROUP BY gym ORDER BY gym
        """
    )
    gyms = tuple(GymOccupancy(**row) for row in rows.to_pylist())
    return TotalOccupancy(
        gyms=gyms,
        people=sum(gym.people for gym in gyms),
        training=sum(gym.training for gym in gyms),
        unclosed_visits=sum(gym.unclosed_visits for gym in gyms),
    )
