"""Whether every row has the rows it refers to, but for those that stay although these were let go."""

from collections.abc import Iterator

from fitness_assets.contracts.lineage import upstream
from fitness_assets.contracts.model import ForeignKey, Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import Lakehouse, QueryEngine, TableScan
from fitness_assets.pipeline.state.archive_mark import read_mark
from fitness_assets.storage import StorageReader, open_storage


def orphans(lake: Lakehouse, engine: QueryEngine, table: Table, scan: TableScan) -> str:
    """The new rows of a table that lack one they refer to, to stand behind FROM.

    A row that stays needs none, nor does one of a table above whose reference is that of a row that stays below it.
    """
    storage = open_storage(lake.settings.checkpoint_zone)
    mark, rows = read_mark(storage, table), scan.new_rows
    if mark is not None:
        rows = f"(SELECT * FROM {rows} WHERE NOT coalesce({mark.archived(table).sql(scan.dialect)}, false))"
    missing = []
    for foreign_key in table.foreign_keys:
        referenced = get_table(foreign_key.table)
        lake.ensure(referenced)
        columns = scan.names(foreign_key.columns)
        there = [engine.scan(referenced).semi_join(scan, foreign_key.columns)]
        there += _staying(lake, storage, engine, table, foreign_key, scan)
        keys = " UNION ALL ".join(f"SELECT {columns} FROM {some}" for some in there)
        missing.append(f"SELECT 1 AS wrong FROM {rows} ANTI JOIN ({keys}) USING ({columns})")
    return f"({' UNION ALL '.join(missing)})"


def _staying(
    lake: Lakehouse,
    storage: StorageReader,
    engine: QueryEngine,
    table: Table,
    foreign_key: ForeignKey,
    scan: TableScan,
) -> Iterator[str]:
    """The rows that stay in tables below, as far as they have the columns of a reference."""
    for name in sorted(upstream(table.full_name)):
        source = get_table(name)
        mark = read_mark(storage, source)
        if mark and set(foreign_key.columns) <= set(source.column_names):
            lake.ensure(source)
            rows = engine.scan(source).semi_join(scan, foreign_key.columns)
            yield f"(SELECT * FROM {rows} WHERE {mark.archived(source).sql(scan.dialect)})"
