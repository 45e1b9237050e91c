"""Up to when the rows of a table that stay are archived, noted beside its progress once they are."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, timezone

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import Between, Predicate, Where
from fitness_assets.pipeline.state.erasures import Cutoff
from fitness_assets.pipeline.state.progress import state_prefix
from fitness_assets.storage import Storage, StorageReader

MARK_FILE = "archive.json"


@dataclass(frozen=True)
class ArchiveMark:
    """Rows of a table whose time lies before an instant are those of its archive, whatever its sources give.

    Attributes:
        column: the time, or the day, that counts.
        before: epoch seconds.
    """

    column: str
    before: float

    def archived(self, table: Table) -> Predicate:
        """Which rows stay."""
        return Where(self.column, Between(high=self._border(table), open=True))

    def _border(self, table: Table) -> datetime | date:
        instant = datetime.fromtimestamp(self.before, timezone.utc)
        if table.column(self.column).type != "date":
            return instant
        # The first day whose midnight is not before the instant.
        return (instant + timedelta(days=1) - timedelta(microseconds=1)).date()


def read_mark(storage: StorageReader, table: Table) -> ArchiveMark | None:
    """The mark of a table; None where nothing of it is archived, or by another column than its contract says."""
    content = storage.get(f"{state_prefix(table)}/{MARK_FILE}") if table.archive_by else None
    mark = ArchiveMark(**json.loads(content)) if content else None
    return mark if mark and mark.column == table.archive_by else None


def put_mark(storage: Storage, table: Table, mark: ArchiveMark) -> None:
    """Let the rows before an instant be those of the archive from now on."""
    storage.put(f"{state_prefix(table)}/{MARK_FILE}", json.dumps(asdict(mark)).encode())


def delete_mark(storage: Storage, table: Table) -> None:
    """Let no rows of a table stay any more."""
    storage.delete(f"{state_prefix(table)}/{MARK_FILE}")


def due_mark(table: Table, cutoffs: Iterable[Cutoff]) -> ArchiveMark | None:
    """The mark that a table must have before records below it go: the latest of the cutoffs of all that it is made
    from. None where none is about it."""
    if table.archive_by is None:
        return None
    feeding = set(_feeding(table))
    before = [
        cutoff.before
        for cutoff in cutoffs
        for name, topic in feeding
        if cutoff.table == name and (topic is None or cutoff.topic in (None, topic))
    ]
    return ArchiveMark(table.archive_by, max(before)) if before else None


def _feeding(table: Table) -> Iterator[tuple[str, str | None]]:
    """The tables that a table is made from, directly or not, each with the topic that is read of it."""
    for source in table.sources:
        yield source.table, source.topic
        yield from _feeding(get_table(source.table))
