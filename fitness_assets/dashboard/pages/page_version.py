"""Which versions of its tables a page is drawn from: looked at every two seconds for each open page, so no file is
read for it."""

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from fitness_assets.dashboard.pages.page import Page
from fitness_assets.dashboard.table_reader.reader import TableReader


@dataclass(frozen=True)
class PageVersion:
    """What a page is drawn from; as long as it stays the same there is nothing to draw again.

    Attributes:
        path: of the page.
        repaint: how many times the clock alone has called for it.
        table_versions: by table the number of its last commit and when that was written, which differs also where a
            table was made anew.
        changed_at: when the newest of them was written, UTC; None where there is no table yet.
    """

    path: str
    repaint: int
    table_versions: dict[str, str]
    changed_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "repaint": self.repaint, "table_versions": self.table_versions}


def get_page_version(reader: TableReader, page: Page, now: datetime) -> PageVersion:
    """The version of a page as its tables are."""
    commits = {name: reader.latest_commit(name) for name in page.table_names}
    written_ns = max((commit.written_ns for commit in commits.values()), default=0)
    return PageVersion(
        path=page.path,
        repaint=int(now.timestamp()) // page.repaint_seconds if page.repaint_seconds else 0,
        table_versions={name: f"{commit.number}-{commit.written_ns}" for name, commit in commits.items()},
        changed_at=datetime.fromtimestamp(written_ns / 1e9, timezone.utc) if written_ns else None,
    )
