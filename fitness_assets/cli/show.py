"""Tables as text for people."""

from datetime import datetime
from typing import Any

from fitness_assets.contracts.model import Table


def print_table(table: Table, rows: list[tuple[Any, ...]], total: int) -> None:
    """Print the first rows of a table under their column names, and how many there are in all."""
    names = [column.name for column in table.columns]
    cells = [names] + [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(names))]
    print(f"\n{table.full_name}: {table.description}")
    for row in cells:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print(f"  {len(rows)} of {total:,} rows" if total else "  no rows yet")


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
