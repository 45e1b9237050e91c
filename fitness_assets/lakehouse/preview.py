"""Rows as text for people to look at; personal data is masked by the contract's classes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fitness_assets.contracts.model import Table

MASKED = "•••"
PREVIEW_ROWS = 5


def masked(table: Table, row: Mapping[str, Any]) -> dict[str, str]:
    """The public columns of a row as text, personal data masked."""
    return {c.name: MASKED if c.pii else _text(row.get(c.name)) for c in table.columns}


def as_markdown(rows: Sequence[tuple[str, ...]], header: tuple[str, ...]) -> str:
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
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)
