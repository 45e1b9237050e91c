"""A few rows of a table for people to look at, without Spark; personal data is masked by the contract's classes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.table_log import TableLog

MASKED = "•••"
ROWS = 5
_FILE = "file:"
"""How `source_file` begins; of a whole path only the name tells people something."""


def preview(log: TableLog, table: Table, rows: int = ROWS) -> list[dict[str, str]]:
    """The first rows of the file that was written last, the public columns as text, times in UTC.

    A column with a class of personal data is not even read. Empty where there is no table or no row.
    """
    state = log.state()
    if state is None or not state.files:
        return []
    path, newest = max(state.files.items(), key=lambda file: file[1].written)
    try:
        with pq.ParquetFile(log.path / path, memory_map=True) as file:
            there = [c.name for c in table.columns if not c.pii and c.name in file.schema_arrow.names]
            first = next(file.iter_batches(rows, columns=there), None)
    except FileNotFoundError:  # another hand vacuumed or removed it meanwhile; there is nothing to show
        return []
    found = first.to_pylist() if first is not None else []
    return [masked(table, {**newest.partition, **row}) for row in found[:rows]]


def masked(table: Table, row: Mapping[str, Any]) -> dict[str, str]:
    """The public columns of a row as text, personal data masked."""
    return {c.name: MASKED if c.pii else _text(row.get(c.name)) for c in table.columns}


def as_markdown(rows: list[tuple[str, ...]], header: tuple[str, ...]) -> str:
    """Rows as a Markdown table; what would end a cell is kept from doing so."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: str) -> str:
    return " ".join(value.replace("|", "\\|").split())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, str) and value.startswith(_FILE):
        return value.rpartition("/")[2]
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)
