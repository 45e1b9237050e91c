"""What every question gives back: the value, the versions of tables it was read from, and what is not there yet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from fitness_assets.dashboard.lake import Lake, View
from fitness_assets.errors import SettingError
from fitness_assets.lakehouse.predicates import literal

T = TypeVar("T")
P = ParamSpec("P")


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


def question(
    *about: str, also: tuple[str, ...] = ()
) -> Callable[[Callable[Concatenate[View, P], T]], Callable[Concatenate[Lake, P], Answer[T]]]:
    """Make a function of a view a question to the lake.

    Args:
        about: the tables that it is about; where all of them are missing or empty there is nothing to tell.
        also: further tables that it reads, which may be empty.
    """

    def wrap(body: Callable[Concatenate[View, P], T]) -> Callable[Concatenate[Lake, P], Answer[T]]:
        @wraps(body)
        def asked(lake: Lake, /, *args: P.args, **kwargs: P.kwargs) -> Answer[T]:
            at = datetime.now(timezone.utc)

            def answer(view: View) -> Answer[T]:
                stamps = tuple(_stamp(view, name) for name in (*about, *also))
                return Answer(body(view, *args, **kwargs), stamps, at, _nothing(stamps[: len(about)]))

            return lake.ask((*about, *also), answer)

        return asked

    return wrap


def present(now: datetime | None) -> datetime:
    """The instant given, or the present one, in UTC."""
    return (now or datetime.now(timezone.utc)).astimezone(timezone.utc)


def zone_named(name: str) -> str:
    """The time zone of that name as a SQL literal.

    Raises:
        SettingError: there is no such time zone.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingError(f"There is no time zone {name!r}; take an IANA name such as Europe/Berlin.") from error
    return literal(name)


def _stamp(view: View, name: str) -> Stamp:
    snapshot = view.snapshots[name]
    if snapshot is None:
        return Stamp(name, None, None, 0)
    return Stamp(name, snapshot.version.number, snapshot.change.at if snapshot.change else None, snapshot.row_count)


def _nothing(about: tuple[Stamp, ...]) -> Nothing | None:
    if any(stamp.rows for stamp in about):
        return None
    names = tuple(stamp.table for stamp in about)
    said = " and ".join(names)
    if all(stamp.version is None for stamp in about):
        what = f"{said} {'is' if len(names) == 1 else 'are'} not there yet."
        do = "Make the tables: `make run` for sample data, `make live` for data that goes on."
    else:
        what = f"{said} {'has' if len(names) == 1 else 'have'} no rows yet."
        do = "Wait until records land or are updated; Data quality shows what waits and what was refused."
    return Nothing(names, what, do)
