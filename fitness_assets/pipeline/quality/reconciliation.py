"""The sums of the contract's section 5: for each source, landed = bronze = accepted + quarantine."""

from dataclasses import dataclass
from pathlib import Path

from fitness_assets.contracts.feeds import FILE_FEEDS, FileFeed
from fitness_assets.contracts.model import UpdateStrategy
from fitness_assets.contracts.registry import get_table, tables_updated_by
from fitness_assets.lakehouse.looking import Rows
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.landing_zone import count_records, local_path, replacement
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.transforms.bronze import KAFKA_SCHEME


@dataclass(frozen=True)
class Reconciliation:
    """What became of the records of one bronze table.

    Attributes:
        complete: whether every table made from it has used all of it; otherwise the sum is not due yet.
    """

    source: str
    bronze: int
    accepted: int
    refused: int
    complete: bool

    @property
    def right(self) -> bool:
        return not self.complete or self.bronze == self.accepted + self.refused

    def __str__(self) -> str:
        sums = f"{self.bronze:,} = {self.accepted:,} accepted + {self.refused:,} refused"
        return sums if self.complete else f"{sums} (not all of it is used yet)"


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
    """The books of every bronze table that silver is made from."""
    store = ProgressStore(lake.settings)
    quarantine = tables_updated_by(UpdateStrategy.QUARANTINE)[0]
    refused = dict.fromkeys(FILE_FEEDS, 0)
    if lake.log(quarantine).exists():
        with lake.look() as look:
            rows = look.rows(quarantine)
            refused |= dict(rows.fetch(f"SELECT source_table, count(*) FROM {rows.all_rows} GROUP BY ALL"))
    books = []
    for name in FILE_FEEDS:
        takers = [one for one in tables_updated_by(UpdateStrategy.UPSERT) if one.sources[0].table == name]
        if not takers:
            continue
        version = lake.ensure(get_table(name)).version()
        notes = [store.read(one) for one in [*takers, quarantine]]
        complete = all(note is not None and note.sources.get(name) == version for note in notes)
        accepted = sum(note.accepted.get(name, 0) for note in notes if note is not None)
        books.append(Reconciliation(name, lake.log(get_table(name)).row_count(), accepted, refused[name], complete))
    return books


def compare_files(bronze: Rows, folder: FileFeed) -> FileCounts:
    """Count the records of the landed files that the new files of a bronze table came from, and compare."""
    of_files = f"SELECT source_file FROM {bronze.new_rows} WHERE source_file NOT LIKE '{KAFKA_SCHEME}%'"
    query = f"SELECT source_file, count(*) FROM ({of_files}) GROUP BY ALL"
    latest: dict[Path, tuple[int, int]] = {}
    found = bronze.fetch(query)
    for name, rows in found:
        latest[local_path(name)] = max(latest.get(local_path(name), (0, 0)), (replacement(name), int(rows)))
    there = {file: rows for file, (_, rows) in latest.items() if file.exists()}
    landed = sum(count_records(file, folder) for file in there)
    return FileCounts(len(there), landed, sum(there.values()), len(found) - len(there))
