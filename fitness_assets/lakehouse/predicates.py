"""Conditions on columns, for leaving out files by their statistics and for the SQL that reads the others."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

COARSE = timedelta(milliseconds=1)
"""Spark cuts the times in its statistics to whole milliseconds, so the largest may be greater by up to that."""


@dataclass(frozen=True)
class Between:
    """The column's value is at least `low` and at most `high`; where it is `open`, below `high`. None is no border."""

    low: Any = None
    high: Any = None
    open: bool = False

    def sql(self, column: str) -> str:
        below = "<" if self.open else "<="
        parts = [f'"{column}" >= {literal(self.low)}'] if self.low is not None else []
        parts += [f'"{column}" {below} {literal(self.high)}'] if self.high is not None else []
        return " AND ".join(parts) or "true"


@dataclass(frozen=True)
class OneOf:
    """The column's value is one of these."""

    values: tuple[Any, ...]

    def sql(self, column: str) -> str:
        return f'"{column}" IN ({", ".join(map(literal, self.values))})' if self.values else "false"


Condition = Between | OneOf


def literal(value: Any) -> str:
    """A value as a literal of DuckDB's SQL, exact to the microsecond."""
    if isinstance(value, datetime):
        return f"TIMESTAMPTZ '{value.astimezone(timezone.utc).isoformat(' ', 'microseconds')}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        # Half a character, which an address can bring in, is none.
        return "'" + value.encode("utf-8", "replace").decode().replace("'", "''") + "'"
    return str(value)
