"""Registered people in groups of age, sex, gender and place."""

from dataclasses import dataclass

import pyarrow as pa

from fitness_assets.contracts.silver.user_bins import AGES
from fitness_assets.dashboard.queries.query import query
from fitness_assets.dashboard.queries.workouts.session_list import UNKNOWN
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction


@dataclass(frozen=True)
class PeopleGroup:
    """How many registered people have a value; `share` is of all registered people, 0 to 1."""

    value: str
    people: int
    share: float


@dataclass(frozen=True)
class Demographics:
    """Registered people in groups.

    Attributes:
        registered: all of them.
        without_profile: those of whom no profile is known, or whose profile was deleted. They are in no group below.
        ages: by age bin on the as-of date of `silver_db.user_bins`, every bin, the youngest first, "invalid age" last.
        sexes, genders: the largest first; "unknown" where the profile has none.
        places: `state, city, people`, the largest first; null where the profile has none.
    """

    registered: int
    without_profile: int
    ages: tuple[PeopleGroup, ...]
    sexes: tuple[PeopleGroup, ...]
    genders: tuple[PeopleGroup, ...]
    places: pa.Table


@query("silver_db.users", also_reads=("silver_db.user_profile", "silver_db.user_bins"))
def get_demographics(transaction: ReadTransaction) -> Demographics:
    """Registered people by age, sex, gender and place."""
    users = transaction.scan("silver_db.users", "user_id")
    bins = transaction.scan("silver_db.user_bins", "user_id", "age", "gender", "city", "state")
    profiles = transaction.scan("silver_db.user_profile", "user_id", "sex")
    people = transaction.register(
        transaction.fetch_table(
            f"""
            SELECT b.user_id IS NOT NULL AS has_profile, b.age, coalesce(p.sex, '{UNKNOWN}') AS sex,
                coalesce(b.gender, '{UNKNOWN}') AS gender, b.city, b.state
            FROM {users} u LEFT JOIN {bins} b USING (user_id) LEFT JOIN {profiles} p USING (user_id)
            """
        )
    )
    totals = transaction.fetch_row(
        f"SELECT count(*)::INT AS registered, count(*) FILTER (has_profile)::INT AS with_profile FROM {people}"
    )

    def count_by(column: str) -> tuple[PeopleGroup, ...]:
        counts = f"SELECT {column} AS value, count(*)::INT AS people FROM {people} WHERE has_profile GROUP BY ALL"
        rows = transaction.fetch_table(f"{counts} ORDER BY people DESC, value").to_pylist()
        return tuple(PeopleGroup(row["value"], row["people"], row["people"] / totals["registered"]) for row in rows)

    by_age = {group.value: group for group in count_by("age")}
    places = f"SELECT state, city, count(*)::INT AS people FROM {people} WHERE has_profile GROUP BY ALL"
    return Demographics(
        registered=totals["registered"],
        without_profile=totals["registered"] - totals["with_profile"],
        ages=tuple(by_age.get(age, PeopleGroup(age, people=0, share=0.0)) for age in AGES),
        sexes=count_by("sex"),
        genders=count_by("gender"),
        places=transaction.fetch_table(f"{places} ORDER BY people DESC, state NULLS LAST, city NULLS LAST"),
    )
