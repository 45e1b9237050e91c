"""Which versions a page is drawn from, by the names of the tables' log files alone: asked each two seconds for each
open page, so it reads no file."""

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from fitness_assets.contracts.registry import get_table
from fitness_assets.dashboard.pages.page import Page
from fitness_assets.lakehouse.table_log import TableLog
from fitness_assets.settings import Settings


@dataclass(frozen=True)
class State:
    """What a page is drawn from; as long as it stays the same there is nothing to draw again.

    Attributes:
        page: the page's path.
        step: how many times the clock alone has called for it.
        versions: by table its number and when that was written, which differs also where a table was made anew.
        changed: when the newest of them was written, UTC; None where there is no table yet.
    """

    page: str
    step: int
    versions: dict[str, str]
    changed: datetime | None

    def as_json(self) -> dict[str, Any]:
        return {"page": self.page, "step": self.step, "versions": self.versions}


def state_of(settings: Settings, page: Page, now: datetime) -> State:
    """The tables of the page as they are."""
    versions, newest = {}, 0.0
    for name in page.tables:
        contract = get_table(name)
        log = TableLog(settings.data_zone / contract.layer.value / contract.name)
        number = log.latest_number()
        written = _written(log, number)
        versions[name] = f"{number}-{written}"
        newest = max(newest, written / 1e9)
    step = int(now.timestamp()) // page.repaint_seconds if page.repaint_seconds else 0
    changed = datetime.fromtimestamp(newest, timezone.utc) if newest else None
    return State(page.path, step, versions, changed)


def _written(log: TableLog, number: int) -> int:
    """When the log's file was written, in nanoseconds; 0 where there is none."""
    try:
        return (log.path / "_delta_log" / f"{number:020d}.json").stat().st_mtime_ns
    except (FileNotFoundError, ValueError):
        return 0
