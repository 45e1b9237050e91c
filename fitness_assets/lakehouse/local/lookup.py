"""Finding the few rows of a table in a folder that a small change concerns, without Spark.

Files are skipped by the log's statistics, the others are read by DuckDB. Spark would need a query of its own for each
table, compiled anew for its literals.
"""

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from fitness_assets.lakehouse.local.snapshot import Snapshot
from fitness_assets.lakehouse.rows import limits
from fitness_assets.lakehouse.sql.dialect import DUCKDB
from fitness_assets.lakehouse.sql.predicates import Predicate, all_of


def lookup(
    db: duckdb.DuckDBPyConnection,
    snapshot: Snapshot,
    schema: pa.Schema,
    predicates: Sequence[Predicate],
    among: Sequence[pa.Table],
    max_rows: int,
    rows: pa.Table | None = None,
) -> pa.Table | None:
    """The rows for which all predicates hold and whose values are among the given ones; None where they are more.

    Args:
        among: each a table of values, its columns named as in the table.
        rows: all rows of the table, if they are in this process.
    """
    with db.cursor() as cursor:
        if rows is not None:
            cursor.register("all_rows", rows)
            source = "all_rows"
        else:
            files = [str(snapshot.path / file.path) for file in snapshot.matching_files(predicates)]
            if not files:
                return schema.empty_table()
            source = f"read_parquet([{DUCKDB.literals(files)}], hive_partitioning = true)"
        columns, joins = DUCKDB.names(schema.names), ""
        for number, values in enumerate(among):
            cursor.register(f"among_{number}", values)
            joins += f" SEMI JOIN among_{number} USING ({DUCKDB.names(values.column_names)})"
        where = all_of(predicates, DUCKDB)
        query = f"SELECT {columns} FROM (SELECT * FROM {source} WHERE {where}){joins} LIMIT {max_rows + 1}"
        matches = cursor.sql(query).to_arrow_table()
        return matches.cast(schema) if matches.num_rows <= max_rows else None


def read_rows(db: duckdb.DuckDBPyConnection, snapshot: Snapshot, schema: pa.Schema) -> pa.Table:
    """All rows of one version of a small table."""
    rows = lookup(db, snapshot, schema, (), (), snapshot.row_count())
    assert rows is not None, "a version has no more rows than its log says"
    return rows


def read_batches(snapshot: Snapshot, schema: pa.Schema) -> Iterator[pa.Table]:
    """All rows of one version of a table of any size, some at a time."""
    files = [str(snapshot.path / file) for file in snapshot.files]
    if not files:
        return
    with duckdb.connect() as db:
        source = f"read_parquet([{DUCKDB.literals(files)}], hive_partitioning = true)"
        rows = db.sql(f"SELECT {DUCKDB.names(schema.names)} FROM {source}")
        for batch in rows.to_arrow_reader(limits.ROWS_PER_BATCH):
            yield pa.Table.from_batches([batch]).cast(schema)
