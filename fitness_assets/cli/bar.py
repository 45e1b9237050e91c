"""The bar on a terminal: how many tables are done, and which are being worked on for how long."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, Task
from rich.text import Text


class _BusyTables(ProgressColumn):
    """The tables that were started and are not done."""

    def __init__(self) -> None:
        super().__init__()
        self.started: dict[str, float] = {}
        self.told: dict[str, str] = {}

    def render(self, task: Task) -> Text:
        now = time.monotonic()
        busy = ", ".join(
            f"{name} {now - start:.0f} s{self.told.get(name, '')}" for name, start in list(self.started.items())
        )
        return Text(busy or ("" if task.completed else "starting"), overflow="ellipsis", no_wrap=True)


class TableBar:
    """A bar below the lines that stay; it is gone when it is stopped."""

    def __init__(self, console: Console, tables: int) -> None:
        self._busy = _BusyTables()
        self._progress = Progress(
            SpinnerColumn(), BarColumn(20), MofNCompleteColumn(), self._busy, console=console, transient=True
        )
        self._task = self._progress.add_task("", total=tables)
        self._progress.start()

    def start(self, table_name: str) -> None:
        self._busy.started[table_name] = time.monotonic()

    def tell(self, table_name: str, text: str) -> None:
        self._busy.told[table_name] = f" ({text})"

    def finish(self, table_name: str) -> None:
        self._busy.started.pop(table_name, None)
        self._busy.told.pop(table_name, None)
        self._progress.advance(self._task)

    def print(self, line: str, style: str) -> None:
        """A line that stays, above the bar."""
        self._progress.console.print(Text(line), style=style, soft_wrap=True)

    def stop(self) -> None:
        self._progress.stop()
