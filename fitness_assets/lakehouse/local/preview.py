"""A few rows of a table in a folder for people to look at, without Spark."""

import pyarrow.parquet as pq

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.local.transaction_log import LocalTransactionLog
from fitness_assets.lakehouse.preview import PREVIEW_ROWS, masked


def preview(log: LocalTransactionLog, table: Table, max_rows: int = PREVIEW_ROWS) -> list[dict[str, str]]:
    """The first rows of the file that was written last, the public columns as text, times in UTC.

    A column with a class of personal data is not even read. Empty where there is no table or no row.
    """
    snapshot = log.latest()
    if snapshot is None or not snapshot.files:
        return []
    newest = max(snapshot.files.values(), key=lambda file: file.modified_ms)
    try:
        with pq.ParquetFile(log.path / newest.path, memory_map=True) as file:
            public = [c.name for c in table.columns if not c.pii and c.name in file.schema_arrow.names]
            batch = next(file.iter_batches(max_rows, columns=public), None)
    except FileNotFoundError:  # another hand vacuumed or removed it meanwhile; there is nothing to show
        return []
    rows = batch.to_pylist() if batch is not None else []
    return [masked(table, {**newest.partition, **row}) for row in rows[:max_rows]]
