"""Time in the gym against time exercising there, each counted once."""

from dataclasses import dataclass
from datetime import datetime

from fitness_assets.dashboard.queries.gyms.visits import visit_predicates
from fitness_assets.dashboard.queries.query import query
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

_SESSION_KEY = ("user_id", "workout_id", "session_id")


@dataclass(frozen=True)
class GymTime:
    """Time in one gym against time exercising there, for visits that began in the time looked at.

    Attributes:
        gym: None for all gyms together.
        visits: all of them; `open_visits` of them have no logout.
        with_workout: closed visits during which a finished session began.
        people: different wearables.
        minutes_in_gym: of closed visits, each counted once however many sessions it has.
        minutes_exercising: of finished sessions that began during a closed visit, each counted once (they may end after
            the logout, so this can be more than the minutes in the gym).
        mean_visit_minutes: of a closed visit; None where there is none.
        exercising_share: minutes exercising for one minute in the gym; None where there are none in the gym.
    """

    gym: int | None
    visits: int
    open_visits: int
    with_workout: int
    people: int
    minutes_in_gym: float
    minutes_exercising: float
    mean_visit_minutes: float | None
    exercising_share: float | None


@dataclass(frozen=True)
class GymTimes:
    """All gyms that match, by number, and all of them together."""

    gyms: tuple[GymTime, ...]
    total: GymTime


@query("silver_db.gym_logs", also_reads=("gold_db.gym_summary",))
def get_time_in_gyms(
    transaction: ReadTransaction,
    gyms: tuple[int, ...] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> GymTimes:
    """Time in each gym against time exercising there."""
    predicates = visit_predicates(gyms, since, until)
    session_key = ", ".join(_SESSION_KEY)
    visits = transaction.scan("silver_db.gym_logs", "mac_address", "gym", "login", "logout", **predicates)
    visit_sessions = transaction.scan(
        "gold_db.gym_summary", "mac_address", "gym", "login", *_SESSION_KEY, "minutes_exercising", **predicates
    )
    rows = transaction.fetch_table(
        f"""
        WITH visits AS (
            SELECT gym, count(*)::INT AS visits, count(*) FILTER (logout IS NULL)::INT AS open_visits,
                count(DISTINCT mac_address)::INT AS people,
                coalesce(sum(epoch_us(logout - login) / 6e7), 0)::DOUBLE AS minutes_in_gym
            FROM {visits} GROUP BY GROUPING SETS ((gym), ())
        ), visit_sessions AS (
            -- Rows of the summary may stay when their visits are let go.
            FROM {visit_sessions} SEMI JOIN {visits} USING (mac_address, gym, login)
        ), sessions AS (
            SELECT gym, {session_key}, any_value(minutes_exercising) AS minutes
            FROM visit_sessions GROUP BY GROUPING SETS ((gym, {session_key}), ({session_key}))
        ), exercised AS (
            SELECT gym, sum(minutes)::DOUBLE AS minutes FROM sessions GROUP BY gym
        ), visits_with_workout AS (
            SELECT gym, count(DISTINCT (mac_address, gym, login))::INT AS with_workout
            FROM visit_sessions GROUP BY GROUPING SETS ((gym), ())
        )
        SELECT v.gym, visits, open_visits, coalesce(with_workout, 0) AS with_workout, people, minutes_in_gym,
            coalesce(minutes, 0) AS minutes_exercising,
            minutes_in_gym / nullif(visits - open_visits, 0) AS mean_visit_minutes,
            coalesce(minutes, 0) / nullif(minutes_in_gym, 0) AS exercising_share
        FROM visits v LEFT JOIN visits_with_workout w ON w.gym IS NOT DISTINCT FROM v.gym
            LEFT JOIN exercised e ON e.gym IS NOT DISTINCT FROM v.gym
        ORDER BY v.gym NULLS LAST
        """
    ).to_pylist()
    times = [GymTime(**row) for row in rows]
    return GymTimes(tuple(times[:-1]), total=times[-1])
