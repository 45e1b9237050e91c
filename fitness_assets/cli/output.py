"""What people see: plain lines in a file or a pipe, tables and bars on a terminal, no colour with `NO_COLOR`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

_INDENT = _GAP = "  "


@dataclass(frozen=True)
class Heading:
    """The head of a column; numbers stand to the right."""

    text: str
    is_number: bool = False


def terminal() -> "Console | None":
    """The terminal that is written to; None for a file, a pipe, and a terminal that cannot move its cursor."""
    if not sys.stdout.isatty():
        return None
    from rich.console import Console

    console = Console(highlight=False)
    if console.is_dumb_terminal:
        return None
    return Console(highlight=False, color_system=None) if console.no_color else console


def print_table(headings: Sequence[Heading], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their headings: a table on a terminal that is wide enough, elsewhere aligned lines."""
    cells = [[heading.text for heading in headings], *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    console = terminal()
    if console is not None and len(_INDENT) + sum(widths) + len(_GAP) * len(widths) <= console.width:
        _print_on(console, headings, rows)
        return
    for row in cells:
        click.echo((_INDENT + _GAP.join(map(_aligned, row, widths, headings))).rstrip())


def utc_text(time: datetime) -> str:
    """A time as people read it, in UTC whatever the machine's zone is."""
    return f"{time.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S}"


def _print_on(console: "Console", headings: Sequence[Heading], rows: Sequence[Sequence[str]]) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, len(_GAP), 0, 0))
    for heading in headings:
        table.add_column(heading.text, justify="right" if heading.is_number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(Padding(table, (0, 0, 0, len(_INDENT)), expand=False))


def _aligned(cell: str, width: int, heading: Heading) -> str:
    return cell.rjust(width) if heading.is_number else cell.ljust(width)


def is_confirmed(question: str) -> bool:
    """Ask on the terminal; no where nobody is there to answer."""
    try:
        return click.confirm(question)
    except click.Abort:
        click.echo()
        return False
