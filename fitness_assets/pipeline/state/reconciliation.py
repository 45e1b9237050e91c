"""The sums of the contract's section 5: for each source, landed = bronze = accepted + quarantine."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from fitness_assets.contracts.feeds import FILE_FEEDS, FileFeed
from fitness_assets.contracts.registry import get_table, quarantine_table, tables_upserted_from
from fitness_assets.lakehouse import Lakehouse, TableScan
from fitness_assets.pipeline.landing.listing import FileVersion, file_version
from fitness_assets.pipeline.landing.loading import survey_file
from fitness_assets.pipeline.state.file_rows import ContentRows, earlier_records, file_rows
from fitness_assets.pipeline.state.ingested_files import IngestedFile
from fitness_assets.pipeline.state.progress import ProgressStore

_NAMED = 5
NOTHING_WRONG = "none"


@dataclass(frozen=True)
class Reconciliation:
    """What became of the records of one bronze table.

    Attributes:
        is_due: whether every table made from it has used all of it; otherwise the sum need not hold yet.
    """

    source: str
    bronze: int
    accepted: int
    rejected: int
    is_due: bool

    @property
    def is_balanced(self) -> bool:
        return not self.is_due or self.bronze == self.accepted + self.rejected

    def __str__(self) -> str:
        sums = f"{self.bronze:,} = {self.accepted:,} accepted + {self.rejected:,} refused"
        return sums if self.is_due else f"{sums} (not all of it is used yet)"


@dataclass(frozen=True)
class FileCounts:
    """The records of some files of the landing zone, and what bronze has of them.

    Attributes:
        landed: the records in the files, counted by reading them.
        loaded: the records that bronze has from the same files.
        gone: the files that are no longer there to be counted, or were replaced.
        removed: the records that somebody took out of bronze on purpose.
        wrong: the files of which bronze has more or fewer records than it should, a few of them by name.
    """

    files: int
    landed: int
    loaded: int
    gone: int
    removed: int
    wrong: str


def reconcile(lake: Lakehouse) -> list[Reconciliation]:
    """The sums of every bronze table that silver is made from."""
    store = ProgressStore.from_settings(lake.settings)
    quarantine = quarantine_table()
    rejected = dict.fromkeys(FILE_FEEDS, 0)
    if lake.log(quarantine).exists():
        with lake.query_engine() as engine:
            scan = engine.scan(quarantine)
            rejected |= dict(scan.fetch(f"SELECT source_table, count(*) FROM {scan.all_rows} GROUP BY ALL"))
    sums = []
    for name in FILE_FEEDS:
        consumers = tables_upserted_from(name)
        if not consumers:
            continue
        version = lake.ensure(get_table(name)).version()
        progress = [store.read(table) for table in [*consumers, quarantine]]
        sums.append(
            Reconciliation(
                source=name,
                bronze=lake.log(get_table(name)).row_count(),
                accepted=sum(notes.accepted.get(name, 0) for notes in progress if notes is not None),
                rejected=rejected[name],
                is_due=all(notes is not None and notes.sources.get(name) == version for notes in progress),
            )
        )
    return sums


def compare_files(
    bronze: TableScan,
    feed: FileFeed,
    folder: Path,
    ingested: Mapping[str, IngestedFile],
    new_files: Set[str] | None,
    survey_of: Callable[[FileFeed, Path, str], tuple[int, str] | None] = survey_file,
) -> FileCounts:
    """Count the records of landed files, and compare with the new rows of a bronze table that came from them.

    Of a file that is no longer there, or was replaced, it is known how many records it had.

    Args:
        folder: where the files of the feed lie.
        ingested: the files that were loaded.
        new_files: the files whose rows are new; None for all. Of others some rows may count as new, and not all.
        survey_of: how many records a file has that bronze is to have.
    """
    rows = file_rows(bronze, feed, bronze.all_rows if new_files is None else bronze.new_rows)
    files = landed = loaded = removed = 0
    wrong: list[str] = []
    names = rows.keys() | ingested.keys() if new_files is None else new_files
    for name in sorted(names):
        contents = rows.get(name, {})
        known = ingested.get(name) or _told_by_rows(folder, name, contents)
        found = contents.get(known.load, ContentRows()).rows
        is_there = file_version(folder, name) == known.version
        survey = survey_of(feed, folder, name) if is_there else None
        expected = known.records + known.removed if survey is None else survey[0]
        if survey is not None:
            files, landed, loaded = files + 1, landed + expected, loaded + found
        removed += known.removed
        lost_before = known.lost
        if new_files is None:
            lost_before += known.earlier - earlier_records(contents, known.load)
        if found + known.removed != expected or lost_before > 0:
            wrong.append(f"{name} ({found:,} of {expected:,}{f', {lost_before:,} before' if lost_before > 0 else ''})")
    return FileCounts(files, landed, loaded, len(names) - files, removed, _some(wrong))


def _told_by_rows(folder: Path, name: str, contents: Mapping[int, ContentRows]) -> IngestedFile:
    """A file that no list names: its rows are held against what lies there now."""
    load = max(contents, default=1)
    version = file_version(folder, name) or FileVersion(0, 0)
    return IngestedFile(version, load, records=contents.get(load, ContentRows()).rows)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more or NOTHING_WRONG
