"""Tables, results and progress as text for people."""

import sys
import time
from datetime import datetime
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any

from fitness_assets.contracts.model import Table
from fitness_assets.errors import error_summary
from fitness_assets.pipeline.scheduler import TableOutcome

_ERASE = "\r\x1b[2K"


class Progress:
    """Lines that stay, and below them, on a terminal, one that tells what is being worked on."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._busy: dict[str, float] = {}
        self._lock = Lock()
        self._stopped = Event()
        self._thread = Thread(target=self._refresh, daemon=True)

    def __enter__(self) -> "Progress":
        if self._live:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        if self._live:
            self._thread.join()
            self._write(_ERASE)

    def starting(self, table: Table) -> None:
        with self._lock:
            self._busy[table.full_name] = time.monotonic()

    def done(self, outcome: TableOutcome) -> None:
        with self._lock:
            self._busy.pop(outcome.table.full_name, None)
            self._write((_ERASE if self._live else "") + line_of(outcome) + "\n")

    def _refresh(self) -> None:
        while not self._stopped.wait(0.25):
            with self._lock:
                now = time.monotonic()
                busy = ", ".join(f"{name.split('.')[1]} {now - began:.0f} s" for name, began in self._busy.items())
                self._write(f"{_ERASE}  … {busy or 'starting'}"[:100])

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def line_of(outcome: TableOutcome) -> str:
    """What became of a table, as one line."""
    name = f"  {outcome.table.full_name:<31}"
    if outcome.error is not None:
        return f"{name} FAILED: {error_summary(outcome.error)}"
    if outcome.result is None:
        return f"{name} held back because of {outcome.held_back_by}"
    result = outcome.result
    done = [
        f"{mark}{rows:,}"
        for mark, rows in (("+", result.inserted), ("~", result.updated), ("-", result.deleted))
        if rows
    ]
    what = " ".join(done) or ("nothing new" if result.mode == "unchanged" else "no difference")
    wrong = [check.name for check in outcome.checks if not check.passed]
    verdict = f"  CHECK FAILED: {', '.join(wrong)}" if wrong else ""
    verdict += "".join(f"\n    {told}" for told in (*result.told, result.trouble) if told)
    return f"{name} {what:<28} {result.rows:>12,} rows {result.seconds:>7.1f} s{verdict}"


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
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
