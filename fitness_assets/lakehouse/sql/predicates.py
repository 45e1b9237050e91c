"""Predicates on columns: as SQL for every engine, and against the statistics of a file, to skip it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from fitness_assets.lakehouse.sql.dialect import SqlDialect

STATS_PRECISION = timedelta(milliseconds=1)
"""Spark cuts the times in its statistics to whole milliseconds, so the largest may be greater by up to that."""

Range = tuple[Any, Any]
"""The least and the greatest value, both included."""


@dataclass(frozen=True)
class Statistics:
    """What a file's writer says of its columns; a column that is not named may hold anything.

    Attributes:
        constants: the value of each partition column, as text.
    """

    minimums: Mapping[str, Any] = field(default_factory=dict)
    maximums: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[str, str | None] = field(default_factory=dict)

    def may_equal(self, column: str, values: Sequence[Any]) -> bool:
        """Whether some value may be one of the given ones."""
        if column in self.constants and all(isinstance(value, str) for value in values):
            return self.constants[column] in values
        return bool(values) and self.may_hold(column, min(values), max(values))

    def may_hold(self, column: str, low: Any, high: Any) -> bool:
        """Whether some value may lie between two borders; None is no border."""
        return self.may_reach(column, low) and self.may_start(column, high)

    def may_reach(self, column: str, low: Any) -> bool:
        """Whether some value may be `low` or more."""
        maximum = _comparable(self.maximums.get(column), low)
        if isinstance(maximum, datetime):
            # A difference, for nothing can be added to the last instant there is.
            return bool(low - maximum <= STATS_PRECISION)
        return maximum is None or bool(maximum >= low)

    def may_start(self, column: str, high: Any) -> bool:
        """Whether some value may be `high` or less."""
        minimum = _comparable(self.minimums.get(column), high)
        return minimum is None or bool(minimum <= high)


def _comparable(statistic: Any, value: Any) -> Any:
    """The statistic if it tells something of the value. Those of texts are cut, of true and false not written, and
    next to what is not a number nothing is greater or less."""
    if value is None or isinstance(value, str | bool) or isinstance(statistic, str | bool) or statistic != statistic:
        return None
    return statistic


class Condition(Protocol):
    """What the value of one column must be."""

    def sql(self, column: str, dialect: SqlDialect) -> str:
        """The condition on a column, which is given as it stands in the dialect."""

    def may_match(self, column: str, statistics: Statistics) -> bool:
        """Whether a file with these statistics can hold a row for which it is true."""


@dataclass(frozen=True)
class Between:
    """At least `low` and at most `high`; where it is `open`, below `high`. None is no border."""

    low: Any = None
    high: Any = None
    open: bool = False

    def sql(self, column: str, dialect: SqlDialect) -> str:
        below = "<" if self.open else "<="
        parts = [f"{column} >= {dialect.literal(self.low)}"] if self.low is not None else []
        parts += [f"{column} {below} {dialect.literal(self.high)}"] if self.high is not None else []
        return " AND ".join(parts) or "true"

    def may_match(self, column: str, statistics: Statistics) -> bool:
        return statistics.may_hold(column, self.low, self.high)


@dataclass(frozen=True)
class OneOf:
    """One of some values."""

    values: tuple[Any, ...]

    def sql(self, column: str, dialect: SqlDialect) -> str:
        return f"{column} IN ({dialect.literals(self.values)})" if self.values else "false"

    def may_match(self, column: str, statistics: Statistics) -> bool:
        return statistics.may_equal(column, self.values)


@dataclass(frozen=True)
class InRanges:
    """In one of some closed ranges."""

    ranges: Sequence[Range]

    def sql(self, column: str, dialect: SqlDialect) -> str:
        points = [low for low, high in self.ranges if low == high]
        parts = [f"{column} IN ({dialect.literals(points)})"] if points else []
        parts += [
            f"{column} BETWEEN {dialect.literal(low)} AND {dialect.literal(high)}"
            for low, high in self.ranges
            if low != high
        ]
        return f"({' OR '.join(parts)})" if parts else "false"

    def may_match(self, column: str, statistics: Statistics) -> bool:
        return any(statistics.may_hold(column, low, high) for low, high in self.ranges)


class Predicate(Protocol):
    """What must be true of a row."""

    def sql(self, dialect: SqlDialect) -> str:
        """The predicate in SQL."""

    def may_match(self, statistics: Statistics) -> bool:
        """Whether a file with these statistics can hold a row for which it is true."""


@dataclass(frozen=True)
class Where:
    """A condition on one column."""

    column: str
    condition: Condition

    def sql(self, dialect: SqlDialect) -> str:
        return self.condition.sql(dialect.name(self.column), dialect)

    def may_match(self, statistics: Statistics) -> bool:
        return self.condition.may_match(self.column, statistics)


@dataclass(frozen=True)
class Overlaps:
    """The interval from `start` to `end`, two columns, meets one of the closed ranges."""

    start: str
    end: str
    ranges: Sequence[Range]

    def sql(self, dialect: SqlDialect) -> str:
        start, end = dialect.name(self.start), dialect.name(self.end)
        parts = [
            f"({start} <= {dialect.literal(high)} AND {end} >= {dialect.literal(low)})" for low, high in self.ranges
        ]
        return f"({' OR '.join(parts)})" if parts else "false"

    def may_match(self, statistics: Statistics) -> bool:
        return any(
            statistics.may_start(self.start, high) and statistics.may_reach(self.end, low) for low, high in self.ranges
        )


def all_of(predicates: Sequence[Predicate], dialect: SqlDialect) -> str:
    """All predicates together in SQL."""
    return " AND ".join(predicate.sql(dialect) for predicate in predicates) or "true"
