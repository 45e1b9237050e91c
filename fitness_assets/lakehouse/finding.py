"""Finding the few rows of a table in a folder that a small change concerns, without Spark.

Files are passed over by the log's statistics, the others are read by DuckDB. Spark would need a query of its own for
each table, compiled anew for its literals.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from fitness_assets.lakehouse.following import DataFile, State
from fitness_assets.lakehouse.predicates import COARSE, literal
from fitness_assets.lakehouse.pruning import Inside, Near


def rows_near(
    db: duckdb.DuckDBPyConnection,
    path: Path,
    state: State,
    schema: pa.Schema,
    near: Sequence[Near],
    among: Sequence[pa.Table],
    most: int,
    held: pa.Table | None = None,
) -> pa.Table | None:
    """The rows for which all conditions hold and whose values are among the given ones; None where they are many.

    Args:
        among: each a table of values, its columns named as in the table.
        most: from more rows on they are many.
        held: all rows of the table, if they are in this process.
    """
    with db.cursor() as cursor:
        if held is not None:
            cursor.register("held", held)
            source = "held"
        else:
            files = [
                str(path / name) for name, file in state.files.items() if all(_may_hold(file, one) for one in near)
            ]
            if not files:
                return schema.empty_table()
            source = f"read_parquet([{', '.join(map(literal, files))}], hive_partitioning = true)"
        conditions = " AND ".join(map(_sql, near)) or "true"
        columns, joins = ", ".join(map(_name, schema.names)), ""
        for number, values in enumerate(among):
            cursor.register(f"among_{number}", values)
            joins += f" SEMI JOIN among_{number} USING ({', '.join(map(_name, values.column_names))})"
        found = cursor.sql(f"SELECT {columns} FROM (SELECT * FROM {source} WHERE {conditions}){joins} LIMIT {most + 1}")
        rows = found.to_arrow_table()
        return rows.cast(schema) if rows.num_rows <= most else None


def all_rows(db: duckdb.DuckDBPyConnection, path: Path, state: State, schema: pa.Schema) -> pa.Table:
    """All rows of one version of a small table."""
    rows = rows_near(db, path, state, schema, (), (), state.row_count())
    assert rows is not None, "a version has no more rows than its log says"
    return rows


def _sql(near: Near) -> str:
    if isinstance(near, Inside):
        column = _name(near.column)
        parts = [f"{column} BETWEEN {literal(low)} AND {literal(high)}" for low, high in near.bounds]
    else:
        start, end = _name(near.start), _name(near.end)
        parts = [f"({start} <= {literal(high)} AND {end} >= {literal(low)})" for low, high in near.bounds]
    return f"({' OR '.join(parts)})" if parts else "false"


def _may_hold(file: DataFile, near: Near) -> bool:
    """Whether a file can hold a row for which the condition is true, after the log's statistics."""
    start, end = (near.column, near.column) if isinstance(near, Inside) else (near.start, near.end)
    return any(
        not _surely_less(high, file.least, start) and not _surely_greater(low, file.most, end)
        for low, high in near.bounds
    )


def _surely_less(value: Any, least: Mapping[str, Any], column: str) -> bool:
    known = _like(value, least.get(column))
    return known is not None and bool(value < known)


def _surely_greater(value: Any, most: Mapping[str, Any], column: str) -> bool:
    known = _like(value, most.get(column))
    if isinstance(known, datetime):
        known += COARSE
    return known is not None and bool(value > known)


def _like(value: Any, known: Any) -> Any:
    """A statistic as the type of the value; None where it cannot be told. Those of texts are cut, and not used."""
    if known is None or isinstance(value, str):
        return None
    if isinstance(known, str):
        kind = datetime if isinstance(value, datetime) else date if isinstance(value, date) else None
        return kind.fromisoformat(known.replace("Z", "+00:00")) if kind else None
    return known


def _name(column: str) -> str:
    return f'"{column}"'
