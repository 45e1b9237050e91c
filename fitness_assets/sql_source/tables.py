"""The source tables: what columns there are, and the statements that read them.

Where SQL Server has a `rowversion` column only rows changed since the last reading are read. Its bound is
`MIN_ACTIVE_ROWVERSION()`, below which every change is committed, and it is asked for in a statement of its own
before the rows are: a bound inside the statement that reads could be newer than the snapshot that the
statement sees, and rows committed in between would be passed over for ever.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Select,
    TextClause,
    column,
    extract,
    inspect,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.dialects import mssql
from sqlalchemy.exc import NoSuchTableError

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.errors import SqlSourceError
from fitness_assets.sql_source.ledger_state import RowversionBound
from fitness_assets.sql_source.settings import SqlSource, TableName

ROWS_PER_CHUNK = 20_000


@dataclass(frozen=True)
class SourceTable:
    """A source table as the database describes it.

    Attributes:
        columns: the columns of the contract's fields, in the fields' order.
        datetimes: those of them that are datetimes.
        rowversion: the column that counts changes, where there is one.
    """

    name: TableName
    columns: tuple[str, ...]
    datetimes: frozenset[str] = frozenset()
    rowversion: str | None = None


def find_table(connection: Connection, source: SqlSource, feed: FileFeed) -> SourceTable:
    """Look the feed's table up.

    Raises:
        SqlSourceError: it is not there, or lacks a column.
    """
    name = source.table_name(feed)
    try:
        columns = inspect(connection).get_columns(name.name, schema=name.schema)
    except NoSuchTableError:
        columns = []
    if not columns:
        raise SqlSourceError(
            f"There is no table {name} in {source.location}. Name the right one in {name.variable}, "
            f"or grant us SELECT on it."
        )
    by_name = {str(reflected["name"]).lower(): reflected for reflected in columns}
    missing = [field.name for field in feed.fields if field.name not in by_name]
    if missing:
        raise SqlSourceError(
            f"The table {name} in {source.location} has no column {', '.join(missing)}. "
            f"Name a table or view with {feed.header} in {name.variable}."
        )
    chosen = [by_name[field.name] for field in feed.fields]
    rowversions = [str(reflected["name"]) for reflected in columns if isinstance(reflected["type"], mssql.TIMESTAMP)]
    return SourceTable(
        name=name,
        columns=tuple(str(reflected["name"]) for reflected in chosen),
        datetimes=frozenset(str(reflected["name"]) for reflected in chosen if isinstance(reflected["type"], DateTime)),
        rowversion=rowversions[0] if rowversions else None,
    )


def current_bound(connection: Connection, source_table: SourceTable) -> RowversionBound | None:
    """How far the table can be read now; None where only all of it can be compared."""
    if source_table.rowversion is None:
        return None
    below, database, table_id = connection.execute(bound_statement(connection, source_table)).one()
    connection.rollback()
    return RowversionBound(bytes(below), f"{database}/{table_id}")


def bound_statement(connection: Connection, source_table: SourceTable) -> TextClause:
    preparer = connection.dialect.identifier_preparer
    name = ".".join(preparer.quote(part) for part in (source_table.name.schema, source_table.name.name) if part)
    return text(
        "SELECT MIN_ACTIVE_ROWVERSION(), "
        "(SELECT CONVERT(varchar(33), create_date, 126) FROM sys.databases WHERE name = DB_NAME()), "
        "OBJECT_ID(:name)"
    ).bindparams(name=name)


def rows_statement(
    source_table: SourceTable, backend: str, since: RowversionBound | None, until: RowversionBound | None
) -> Select[Any]:
    """Read the whole table, or what changed from one bound to the other.

    PostgreSQL counts a datetime's seconds itself: it has datetimes that Python has not, such as `infinity`.
    """
    names = [*source_table.columns, *([source_table.rowversion] if source_table.rowversion else [])]
    rows = table(source_table.name.name, *[column(name) for name in names], schema=source_table.name.schema)

    def selected(name: str) -> ColumnElement[Any]:
        as_epoch = backend == "postgresql" and name in source_table.datetimes
        return extract("epoch", rows.c[name]).label(name) if as_epoch else rows.c[name]

    statement = select(*[selected(name) for name in source_table.columns])
    if source_table.rowversion and until:
        version = rows.c[source_table.rowversion]
        statement = statement.where(version < literal(until.below))
        if since:
            statement = statement.where(version >= literal(since.below))
    return statement


def read_chunks(connection: Connection, statement: Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows, never more than one chunk of them in memory."""
    result = connection.execution_options(yield_per=ROWS_PER_CHUNK).execute(statement)
    try:
        yield from result.partitions()
    finally:
        result.close()
