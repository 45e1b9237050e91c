"""The sums of the contract's section 5: for each source, landed = bronze = accepted + quarantine."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from fitness_assets.contracts.feeds import FILE_FEEDS, FileFeed
from fitness_assets.contracts.registry import get_table, quarantine_table, tables_upserted_from
from fitness_assets.lakehouse import Lakehouse, TableScan
from fitness_assets.pipeline.landing.loading import survey_file
from fitness_assets.pipeline.state.progress import ProgressStore


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
    """

    files: int
    landed: int
    loaded: int
    gone: int


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
    bronze: TableScan, feed: FileFeed, folder: Path, loads: Mapping[str, int], new_files: Set[str] | None
) -> FileCounts:
    """Count the records of landed files, and compare with the new rows of a bronze table that came from them.

    Args:
        folder: where the files of the feed lie.
        loads: which content of its name was read last of each file; it may have no record.
        new_files: the files whose rows are new; None for all. Of others some rows may count as new, and not all.
    """
    counts = bronze.fetch(
        f"SELECT source_file, file_load, count(*) FROM {bronze.new_rows} WHERE file_load IS NOT NULL GROUP BY ALL"
    )
    rows: dict[str, dict[int, int]] = {}
    for source_file, load, count in counts:
        name = source_file.removeprefix(f"{feed.name}/")
        if new_files is None or name in new_files:
            rows.setdefault(name, {})[int(load)] = int(count)
    surveys = {name: survey_file(feed, folder, name) for name in rows}
    existing = {name: survey[0] for name, survey in surveys.items() if survey is not None}
    loaded = sum(rows[name].get(loads.get(name, max(rows[name])), 0) for name in existing)
    contents = sum(map(len, rows.values()))
    return FileCounts(len(existing), sum(existing.values()), loaded, contents - len(existing))
