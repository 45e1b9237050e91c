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
from fitness_assets.sql_source.settings import SqlSource, TableName

ROWS_A_CHUNK = 20_000


@dataclass(frozen=True)
class SourceTable:
    """A source table as it was found.

    Attributes:
        columns: the columns of the contract's fields, in the fields' order.
        datetimes: those of them that are datetimes.
        rowversion: the column that counts changes, where there is one.
    """

    name: TableName
    columns: tuple[str, ...]
    datetimes: frozenset[str] = frozenset()
    rowversion: str | None = None


@dataclass(frozen=True)
class Mark:
    """How far a table is read.

    Attributes:
        below: the rowversion below which everything was read.
        counter: which counter it belongs to; that of a restored database or of a table put in the place of
            another starts elsewhere.
    """

    below: bytes
    counter: str


def found(connection: Connection, source: SqlSource, folder: FileFeed) -> SourceTable:
    """Look the folder's table up.

    Raises:
        SqlSourceError: it is not there, or lacks a column.
    """
    name = source.table_name(folder)
    try:
        columns = inspect(connection).get_columns(name.name, schema=name.schema)
    except NoSuchTableError:
        columns = []
    if not columns:
        raise SqlSourceError(
            f"There is no table {name} in {source.where}. Name the right one in {name.variable}, "
            f"or grant us SELECT on it."
        )
    by_name = {str(one["name"]).lower(): one for one in columns}
    missing = [field.name for field in folder.fields if field.name not in by_name]
    if missing:
        raise SqlSourceError(
            f"The table {name} in {source.where} has no column {', '.join(missing)}. "
            f"Name a table or view with {folder.header} in {name.variable}."
        )
    chosen = [by_name[field.name] for field in folder.fields]
    counting = [str(one["name"]) for one in columns if isinstance(one["type"], mssql.TIMESTAMP)]
    return SourceTable(
        name,
        tuple(str(one["name"]) for one in chosen),
        frozenset(str(one["name"]) for one in chosen if isinstance(one["type"], DateTime)),
        counting[0] if counting else None,
    )


def mark_of(connection: Connection, of: SourceTable) -> Mark | None:
    """How far the table can be read now; None where only all of it can be compared."""
    if of.rowversion is None:
        return None
    below, database, number = connection.execute(mark_statement(connection, of)).one()
    connection.rollback()
    return Mark(bytes(below), f"{database}/{number}")


def mark_statement(connection: Connection, of: SourceTable) -> TextClause:
    quote = connection.dialect.identifier_preparer
    name = ".".join(quote.quote(part) for part in (of.name.schema, of.name.name) if part)
    return text(
        "SELECT MIN_ACTIVE_ROWVERSION(), "
        "(SELECT CONVERT(varchar(33), create_date, 126) FROM sys.databases WHERE name = DB_NAME()), "
        "OBJECT_ID(:name)"
    ).bindparams(name=name)


def rows_statement(of: SourceTable, backend: str, since: Mark | None, now: Mark | None) -> Select[Any]:
    """Read the whole table, or what changed from one mark to the other.

    PostgreSQL counts a datetime's seconds itself: it has datetimes that Python has not, such as `infinity`.
    """
    names = [*of.columns, *([of.rowversion] if of.rowversion else [])]
    source = table(of.name.name, *[column(name) for name in names], schema=of.name.schema)

    def wanted(name: str) -> ColumnElement[Any]:
        counted = backend == "postgresql" and name in of.datetimes
        return extract("epoch", source.c[name]).label(name) if counted else source.c[name]

    statement = select(*[wanted(name) for name in of.columns])
    if of.rowversion and now:
        version = source.c[of.rowversion]
        statement = statement.where(version < literal(now.below))
        if since:
            statement = statement.where(version >= literal(since.below))
    return statement


def chunks(connection: Connection, statement: Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows, never more than one chunk of them in memory."""
    result = connection.execution_options(yield_per=ROWS_A_CHUNK).execute(statement)
    try:
        yield from result.partitions()
    finally:
        result.close()
