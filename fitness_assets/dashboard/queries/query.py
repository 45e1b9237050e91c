"""What every query gives back: the value, the versions of the tables it was read from, and what is not there yet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from fitness_assets.dashboard.table_reader.predicates import sql_literal
from fitness_assets.dashboard.table_reader.reader import TableReader
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction
from fitness_assets.errors import SettingError

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True)
class TableVersion:
    """The version of a table that a result was read from.

    Attributes:
        number: of the Delta version, or None where there is no table yet.
        changed_at: when its rows last changed, UTC.
        row_count: how many rows it has.
    """

    table_name: str
    number: int | None
    changed_at: datetime | None
    row_count: int


@dataclass(frozen=True)
class EmptyState:
    """Why there is nothing to show yet: tables that the query is about are not there, or have no rows.

    Attributes:
        table_names: their full names.
        message: what is the matter, one sentence for people.
        hint: what to do about it, one sentence for people; it may name a command.
    """

    table_names: tuple[str, ...]
    message: str
    hint: str


@dataclass(frozen=True)
class QueryResult(Generic[T]):
    """The result of one query, all of it from one set of versions that were there at one instant.

    Attributes:
        value: always there; over no rows it is an empty one (zeros, None for a mean of nothing, empty tables).
        table_versions: the tables it was read from.
        queried_at: when it was read, UTC.
        empty_state: set where the query can have no result yet; None also where a filter matches no row.
    """

    value: T
    table_versions: tuple[TableVersion, ...]
    queried_at: datetime
    empty_state: EmptyState | None = None

    @property
    def changed_at(self) -> datetime | None:
        """When the newest of the tables it was read from last changed, UTC."""
        return max((version.changed_at for version in self.table_versions if version.changed_at), default=None)


def query(
    *subjects: str, also_reads: tuple[str, ...] = ()
) -> Callable[[Callable[Concatenate[ReadTransaction, P], T]], Callable[Concatenate[TableReader, P], QueryResult[T]]]:
    """Make a function of a transaction a query of the table reader.

    Args:
        subjects: the tables that it is about; where all of them are missing or empty the result has an empty state.
        also_reads: further tables that it reads, which may be empty.
    """
    table_names = (*subjects, *also_reads)

    def decorate(
        function: Callable[Concatenate[ReadTransaction, P], T],
    ) -> Callable[Concatenate[TableReader, P], QueryResult[T]]:
        @wraps(function)
        def run(reader: TableReader, /, *args: P.args, **kwargs: P.kwargs) -> QueryResult[T]:
            queried_at = datetime.now(timezone.utc)

            def result(transaction: ReadTransaction) -> QueryResult[T]:
                versions = tuple(_table_version(transaction, name) for name in table_names)
                value = function(transaction, *args, **kwargs)
                return QueryResult(
                    value=value,
                    table_versions=versions,
                    queried_at=queried_at,
                    empty_state=_empty_state(versions[: len(subjects)]),
                )

            return reader.run(table_names, result)

        return run

    return decorate


def instant_or_now(instant: datetime | None) -> datetime:
    """The instant given, or the present one, in UTC."""
    return (instant or datetime.now(timezone.utc)).astimezone(timezone.utc)


def time_zone_literal(name: str) -> str:
    """The time zone of that name as a SQL literal.

    Raises:
        SettingError: there is no such time zone.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingError(f"There is no time zone {name!r}; take an IANA name such as Europe/Berlin.") from error
    return sql_literal(name)


def _table_version(transaction: ReadTransaction, table_name: str) -> TableVersion:
    metadata = transaction.metadata(table_name)
    if metadata is None:
        return TableVersion(table_name, number=None, changed_at=None, row_count=0)
    return TableVersion(
        table_name, number=metadata.version.number, changed_at=metadata.changed_at, row_count=metadata.row_count
    )


def _empty_state(subjects: tuple[TableVersion, ...]) -> EmptyState | None:
    if any(version.row_count for version in subjects):
        return None
    table_names = tuple(version.table_name for version in subjects)
    tables = " and ".join(table_names)
    if all(version.number is None for version in subjects):
        message = f"{tables} {'is' if len(table_names) == 1 else 'are'} not there yet."
        hint = "Make the tables: `make run` for sample data, `make live` for data that goes on."
    else:
        message = f"{tables} {'has' if len(table_names) == 1 else 'have'} no rows yet."
        hint = "Wait until records land or are updated; Data quality shows what waits and what was refused."
    return EmptyState(table_names, message, hint)
