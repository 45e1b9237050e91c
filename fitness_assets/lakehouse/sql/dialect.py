"""How names and values are spelled in the SQL of each engine."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any


@dataclass(frozen=True)
class SqlDialect:
    """The spelling of one engine.

    Attributes:
        quote: what stands around a name.
        timestamp: the type of a time's literal; empty where a plain text takes the type of the column.
        date: the same for a day.
        escapes_backslash: whether a backslash in a text begins an escape.
    """

    quote: str
    timestamp: str
    date: str
    escapes_backslash: bool = False

    def name(self, name: str) -> str:
        """A column's or table's name."""
        return f"{self.quote}{name.replace(self.quote, self.quote * 2)}{self.quote}"

    def names(self, names: Iterable[str], alias: str = "") -> str:
        """Some names with commas between, each behind the alias of its table."""
        return ", ".join(f"{alias}{self.name(name)}" for name in names)

    def literal(self, value: Any) -> str:
        """A value, exact to the microsecond."""
        if isinstance(value, datetime):
            return self.timestamp + self._text(value.astimezone(timezone.utc).isoformat(" ", "microseconds"))
        if isinstance(value, date):
            return self.date + self._text(value.isoformat())
        if isinstance(value, str):
            return self._text(value)
        return str(value)

    def literals(self, values: Iterable[Any]) -> str:
        """Some values with commas between."""
        return ", ".join(map(self.literal, values))

    def _text(self, text: str) -> str:
        # Half a character, which an address can bring in, is none.
        text = text.encode("utf-8", "replace").decode()
        if self.escapes_backslash:
            return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return "'" + text.replace("'", "''") + "'"


DUCKDB = SqlDialect(quote='"', timestamp="TIMESTAMPTZ ", date="DATE ")
SPARK = SqlDialect(quote="`", timestamp="TIMESTAMP ", date="DATE ", escapes_backslash=True)
DATAFUSION = SqlDialect(quote='"', timestamp="", date="")
"""What deltalake's MERGE speaks; a typed literal of it would be cut to the years of nanoseconds."""
