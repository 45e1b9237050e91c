"""What people may know beyond the masked views: groups large enough that nobody stands out, and rows without a person.

A view reads with its owner's rights, so its readers need nothing on the tables below it.
"""

from dataclasses import dataclass

from fitness_assets.databricks.workspace import Role, Workspace

MIN_GROUP_SIZE = 5
"""A group of fewer people is not shown."""


@dataclass(frozen=True)
class SharedView:
    """A view of closed tables.

    Attributes:
        sources: the tables it reads, as `schema.table`; without them it cannot be made.
        query: its SQL, with `{catalog}`, `{min_group_size}`, `{gym_filter}` and `{mask_health}` to be filled in.
    """

    name: str
    description: str
    readers: tuple[Role, ...]
    sources: tuple[str, ...]
    query: str

    def sql(self, workspace: Workspace, gym_filter: str, mask_health: str) -> str:
        """The query for one catalog.

        Args:
            gym_filter: the function that says which gyms a reader sees.
            mask_health: the function that gives a number of health data to those who see it.
        """
        return self.query.format(
            catalog=f"`{workspace.catalog}`",
            min_group_size=MIN_GROUP_SIZE,
            gym_filter=gym_filter,
            mask_health=mask_health,
        ).strip()


ANONYMIZED_VIEWS = (
    SharedView(
        name="shared_db.heart_rate_by_group",
        description=(
            f"Heart rates during workouts by age bin, gender and state, in groups of at least {MIN_GROUP_SIZE} people."
        ),
        readers=(Role.ANALYST, Role.DATA_SCIENTIST),
        sources=("silver_db.workout_bpm", "silver_db.user_bins"),
        query="""
SELECT p.age, p.gender, p.state, count(DISTINCT r.user_id) AS people, count(*) AS num_recordings,
       round(avg(r.heartrate), 1) AS avg_bpm, round(stddev(r.heartrate), 1) AS stddev_bpm
FROM {catalog}.`silver_db`.`workout_bpm` r JOIN {catalog}.`silver_db`.`user_bins` p ON r.user_id = p.user_id
GROUP BY p.age, p.gender, p.state HAVING count(DISTINCT r.user_id) >= {min_group_size}
""",
    ),
    SharedView(
        name="shared_db.gym_use_by_day",
        description=(
            f"Minutes in the gym and exercising by day and gym, where at least {MIN_GROUP_SIZE} people trained."
        ),
        readers=(Role.ENGINEER, Role.ANALYST, Role.DATA_SCIENTIST),
        sources=("silver_db.gym_logs", "silver_db.users", "silver_db.completed_workouts"),
        query="""
SELECT CAST(l.login AS DATE) AS date, l.gym, count(DISTINCT w.user_id) AS people, count(*) AS workouts,
       round(avg((unix_micros(l.logout) - unix_micros(l.login)) / 6e7), 1) AS avg_minutes_in_gym,
       round(avg((unix_micros(w.end_time) - unix_micros(w.start_time)) / 6e7), 1) AS avg_minutes_exercising
FROM {catalog}.`silver_db`.`gym_logs` l
JOIN {catalog}.`silver_db`.`users` u ON l.mac_address = u.mac_address
JOIN {catalog}.`silver_db`.`completed_workouts` w
  ON w.user_id = u.user_id AND w.start_time BETWEEN l.login AND l.logout
WHERE {gym_filter}(l.gym)
GROUP BY CAST(l.login AS DATE), l.gym HAVING count(DISTINCT w.user_id) >= {min_group_size}
""",
    ),
    SharedView(
        name="shared_db.workout_heart_rates",
        description="Heart rates by second of a workout without the person: for models of effort and recovery.",
        readers=(Role.DATA_SCIENTIST,),
        sources=("silver_db.workout_bpm", "silver_db.user_bins"),
        query="""
SELECT r.workout_id, r.session_id, p.age,
       CAST((unix_micros(r.time) - unix_micros(r.start_time)) / 1000000 AS INT) AS second, r.heartrate
FROM {catalog}.`silver_db`.`workout_bpm` r LEFT JOIN {catalog}.`silver_db`.`user_bins` p ON r.user_id = p.user_id
""",
    ),
)
