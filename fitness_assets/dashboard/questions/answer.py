"""What every question gives back: the value, which versions of which tables it was read from, and what is not there yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Stamp:
    """The version of a table that an answer was read from.

    Attributes:
        version: the Delta version, or None where there is no table yet.
        changed: when its rows last changed, UTC.
        rows: how many rows it has.
    """

    table: str
    version: int | None
    changed: datetime | None
    rows: int


@dataclass(frozen=True)
class Nothing:
    """Why there is nothing to show yet: tables that the question is about are not there, or have no rows.

    Attributes:
        tables: their full names.
        what: what is the matter, one sentence for people.
        do: what to do about it, one sentence for people; it may name a command.
    """

    tables: tuple[str, ...]
    what: str
    do: str


@dataclass(frozen=True)
class Answer(Generic[T]):
    """The answer to one question, all of it from one set of versions that were there at one instant.

    Attributes:
        value: always there; over no rows it is an empty one (zeros, None for a mean of nothing, empty tables).
        read: the tables it was read from.
        asked: when it was asked, UTC.
        nothing: set where the question can have no answer yet; None also where a filter matches no row.
    """

    value: T
    read: tuple[Stamp, ...]
    asked: datetime
    nothing: Nothing | None = None

    @property
    def changed(self) -> datetime | None:
        """When the newest of the tables it was read from last changed, UTC."""
        return max((stamp.changed for stamp in self.read if stamp.changed), default=None)
