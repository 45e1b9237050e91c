"""How an update goes: a line for each table that is done, and on a terminal a bar below them."""

from types import TracebackType
from typing import TYPE_CHECKING

import click

from fitness_assets.cli.output import terminal
from fitness_assets.errors import error_summary

if TYPE_CHECKING:
    from fitness_assets.cli.bar import TableBar
    from fitness_assets.contracts.model import Table
    from fitness_assets.pipeline.scheduler import TableOutcome


class TableProgress:
    """Lines that stay, and on a terminal a bar below them.

    Args:
        tables: how many there are to do.
    """

    def __init__(self, tables: int) -> None:
        self._tables = tables
        self._bar: TableBar | None = None

    def __enter__(self) -> "TableProgress":
        console = terminal()
        if console is not None:
            from fitness_assets.cli.bar import TableBar

            self._bar = TableBar(console, self._tables)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def start(self, table: "Table") -> None:
        """A table's turn has come."""
        if self._bar is not None:
            self._bar.start(table.name)

    def tell(self, table: "Table", text: str) -> None:
        """How far a table is whose update takes long."""
        if self._bar is None:
            click.echo(f"  {table.full_name:<31} {text}")
        else:
            self._bar.tell(table.name, text)

    def finish(self, table: "Table", line: str, style: str = "") -> None:
        """A table is done; the line says what became of it.

        Args:
            style: the colour of the line, where there are colours.
        """
        if self._bar is None:
            click.echo(line)
        else:
            self._bar.print(line, style)
            self._bar.finish(table.name)

    def finish_update(self, outcome: "TableOutcome") -> None:
        """An update of a table is done, or was not begun."""
        self.finish(outcome.table, line_of(outcome), _style_of(outcome))


def line_of(outcome: "TableOutcome") -> str:
    """What became of a table, as one line."""
    name = f"  {outcome.table.full_name:<31}"
    if outcome.error is not None:
        return f"{name} FAILED: {error_summary(outcome.error)}"
    if outcome.result is None:
        return f"{name} held back because of {outcome.held_back_by}"
    result = outcome.result
    counts = (("+", result.inserted), ("~", result.updated), ("-", result.deleted))
    changes = " ".join(f"{sign}{rows:,}" for sign, rows in counts if rows)
    changes = changes or ("nothing new" if result.mode == "unchanged" else "no difference")
    failed = ", ".join(check.name for check in outcome.checks if not check.passed)
    verdict = f"  CHECK FAILED: {failed}" if failed else ""
    remarks = "".join(f"\n    {remark}" for remark in (*result.warnings, result.problem) if remark)
    return f"{name} {changes:<28} {result.rows:>12,} rows {result.seconds:>7.1f} s{verdict}{remarks}"


def _style_of(outcome: "TableOutcome") -> str:
    if outcome.error is not None or not outcome.is_good:
        return "red"
    return "green" if outcome.result is not None and outcome.result.changed else ""
