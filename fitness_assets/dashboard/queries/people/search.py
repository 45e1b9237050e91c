"""Finding people by what may be known of them."""

from dataclasses import dataclass

import pyarrow as pa

from fitness_assets.dashboard.queries.masking import with_display_names
from fitness_assets.dashboard.queries.query import query
from fitness_assets.dashboard.table_reader.predicates import sql_literal
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

MAX_WORDS, MAX_WORD_LENGTH = 8, 64
_ACTIVITY_TABLES = ("silver_db.gym_logs", "silver_db.workouts", "silver_db.completed_workouts")


@dataclass(frozen=True)
class MatchingPeople:
    """People that match, by user_id.

    Attributes:
        rows: `user_id, device_id, name` (masked unless allowed)`, age` (bin)`, gender, city, state, registered` (UTC)`,
            visits, workouts` (finished)`, last_seen` (the latest login or start, UTC; null for never)`. What no profile
            tells is null.
        total: how many match, of which `rows` are the first.
    """

    rows: pa.Table
    total: int


@query("silver_db.users", "silver_db.user_profile", also_reads=("silver_db.user_bins", *_ACTIVITY_TABLES))
def search_people(
    transaction: ReadTransaction, text: str = "", unmasked: bool = False, limit: int = 50
) -> MatchingPeople:
    """People of whom each word of the text is the user_id or device_id, or begins a word of city, state, gender or age.

    Only where it is allowed to see them, words may also begin a first or last name or be the MAC address; otherwise
    a search would tell what a mask hides. Case and accents do not matter; no text gives everybody. Of a longer text the
    first eight words count.
    """
    people = transaction.register(
        transaction.cached("people", transaction.table_names, lambda: _join_people(transaction))
    )
    searched = ["city", "state", "gender", "age", *(("first_name", "last_name", "mac_address") if unmasked else ())]
    words = f"' ' || lower(strip_accents(concat_ws(' ', {', '.join(searched)})))"
    conditions = [
        f"(user_id::TEXT = {term} OR device_id::TEXT = {term}"
        f" OR contains({words}, ' ' || lower(strip_accents({term}))))"
        for term in map(sql_literal, _words(text))
    ]
    matching = f"{people} WHERE {' AND '.join(conditions) or 'true'}"
    rows = transaction.fetch_table(
        f"SELECT * EXCLUDE (mac_address) FROM {matching} ORDER BY user_id LIMIT {int(limit)}"
    )
    total = transaction.fetch_row(f"SELECT count(*)::INT AS total FROM {matching}")["total"]
    return MatchingPeople(with_display_names(rows, unmasked), total)


def _words(text: str) -> list[str]:
    """The words that are looked for: as many as a person types, whatever the address says."""
    words = dict.fromkeys(word[:MAX_WORD_LENGTH] for word in text[: MAX_WORDS * (MAX_WORD_LENGTH + 1)].split())
    return list(words)[:MAX_WORDS]


def _join_people(transaction: ReadTransaction) -> pa.Table:
    scan = transaction.scan
    users = scan("silver_db.users", "user_id", "device_id", "mac_address", "registration_timestamp")
    profiles = scan("silver_db.user_profile", "user_id", "first_name", "last_name", "gender", "city", "state")
    bins = scan("silver_db.user_bins", "user_id", "age")
    visits = scan("silver_db.gym_logs", "mac_address", "login")
    starts = scan("silver_db.workouts", "user_id", "action", "time")
    finished = scan("silver_db.completed_workouts", "user_id")
    return transaction.fetch_table(
        f"""
        WITH visited AS (
            SELECT mac_address, count(*)::INT AS visits, max(login) AS last_login FROM {visits} GROUP BY ALL
        ), started AS (
            SELECT user_id, max("time") AS last_start FROM {starts} WHERE action = 'start' GROUP BY ALL
        ), finished AS (SELECT user_id, count(*)::INT AS workouts FROM {finished} GROUP BY ALL)
        SELECT user_id, device_id, first_name, last_name, age, gender, city, state,
            registration_timestamp AS registered, coalesce(visits, 0) AS visits, coalesce(workouts, 0) AS workouts,
            greatest(last_login, last_start) AS last_seen, mac_address
        FROM {users} u FULL JOIN {profiles} p USING (user_id) LEFT JOIN {bins} b USING (user_id)
            LEFT JOIN visited USING (mac_address) LEFT JOIN started USING (user_id) LEFT JOIN finished USING (user_id)
        """
    )
