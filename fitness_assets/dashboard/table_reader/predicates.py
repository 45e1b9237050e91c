"""Predicates on columns: they leave out files by their statistics, and choose the rows of the others."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from fitness_assets.lakehouse import DUCKDB, Between, Condition, OneOf

Predicate = Condition


def between(low: Any = None, high: Any = None) -> Predicate:
    """The value is at least `low` and at most `high`; None is no bound."""
    return Between(low, high)


def time_range(since: datetime | None, until: datetime | None) -> Predicate:
    """The value is at or after `since` and before `until`; None is no bound."""
    return Between(since, until, open=True)


def one_of(values: Iterable[Any]) -> Predicate:
    """The value is one of these."""
    return OneOf(tuple(values))


def equal_to(value: Any) -> Predicate:
    """The value is this one."""
    return OneOf((value,))


def where_sql(predicates: Mapping[str, Predicate]) -> str:
    """The SQL condition that all predicates hold, each for the column of its name."""
    return (
        " AND ".join(predicate.sql(DUCKDB.name(column), DUCKDB) for column, predicate in predicates.items()) or "true"
    )


def sql_literal(value: Any) -> str:
    """A value as a literal of DuckDB's SQL; instants are exact to the microsecond."""
    return DUCKDB.literal(value)
