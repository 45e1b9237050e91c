"""Landed files appended to bronze: some in each commit, which names them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field

import pyarrow as pa

from fitness_assets.contracts.feeds import KAFKA_RECORDS, FileFeed
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Lakehouse, new_user_metadata
from fitness_assets.pipeline.landing.listing import FileListing, FileVersion, feed_folder
from fitness_assets.pipeline.landing.loading import LoadedFiles, load_files
from fitness_assets.pipeline.landing.reader import FileChangedError
from fitness_assets.pipeline.reporting import Pace
from fitness_assets.pipeline.state.erased_rows import without_erased
from fitness_assets.pipeline.state.erasures import Erasures
from fitness_assets.pipeline.state.ingested_files import IngestedFile
from fitness_assets.pipeline.strategies.ingestion.calendar import calendar_weeks

FILES_PER_COMMIT = 1000
BYTES_PER_COMMIT = 512 * 1024 * 1024
"""A killed update goes on after its last commit."""
COMMITTED_FILES = "files"
"""Under which name a commit says which files it appended."""


@dataclass
class IngestionOutcome:
    """What people should know of one ingestion.

    Attributes:
        unsettled: files that were written to, or taken away, while they were read.
        unknown_fields: names of fields that the contract does not know.
        with_erased: files that have records of people who are forgotten.
    """

    unsettled: set[str] = field(default_factory=set)
    unknown_fields: set[str] = field(default_factory=set)
    with_erased: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class FileAppender:
    """Appends files of one feed to its table.

    Attributes:
        listing: what lies in the landing zone.
        erasures: whose records are left out.
        outcome: takes what people should know.
    """

    lake: Lakehouse
    table: Table
    feed: FileFeed
    listing: FileListing
    erasures: Erasures
    outcome: IngestionOutcome

    def append(self, loads: Mapping[str, int]) -> dict[str, IngestedFile]:
        """Append files; those that are in the table afterwards. One that does not hold still waits for the next update.

        Args:
            loads: the files, and which content of its name each one is.
        """
        ingested: dict[str, IngestedFile] = {}
        pace = Pace(self._size(loads))
        for batch in _batches(loads, self.listing.files):
            ingested |= self._append_batch(batch, pace, self._size(ingested))
        return ingested

    def _size(self, names: Iterable[str]) -> int:
        return sum(self.listing.files[name].size for name in names)

    def _append_batch(self, loads: dict[str, int], pace: Pace, bytes_before: int) -> dict[str, IngestedFile]:
        folder = feed_folder(self.lake.settings, self.feed)
        weeks = calendar_weeks(self.lake) if self.feed is KAFKA_RECORDS else {}
        while loads:
            versions = {name: self.listing.files[name] for name in loads}
            names = {name: [load, *asdict(versions[name]).values()] for name, load in loads.items()}
            loaded, left_out = LoadedFiles(), Counter[str]()
            rows = self._paced(load_files(self.feed, folder, loads, weeks, loaded), loaded, pace, bytes_before)
            rows = self._without_erased(rows, left_out)
            try:
                self.lake.append_batches(self.table, rows, new_user_metadata(**{COMMITTED_FILES: names}))
            except FileChangedError as error:
                self.outcome.unsettled.add(error.name)
                loads = {name: load for name, load in loads.items() if name != error.name}
                continue
            self.outcome.unknown_fields |= loaded.unknown_fields
            self.outcome.with_erased |= left_out.keys()
            return {
                name: IngestedFile(versions[name], load, loaded.contents[name], loaded.records[name] - left_out[name])
                for name, load in loads.items()
            }
        return {}

    def _without_erased(self, tables: Iterator[pa.Table], left_out: Counter[str]) -> Iterator[pa.Table]:
        """The rows of people who are not forgotten, and of how many others there were in each file."""
        for rows in tables:
            kept, others = without_erased(self.feed, rows, self.erasures)
            left_out.update(name.removeprefix(f"{self.feed.name}/") for name in others["source_file"].to_pylist())
            if kept.num_rows:
                yield kept

    def _paced(
        self, tables: Iterator[pa.Table], loaded: LoadedFiles, pace: Pace, bytes_before: int
    ) -> Iterator[pa.Table]:
        """The rows, and on the way how far it is."""
        for rows in tables:
            pace.advance(rows.num_rows, bytes_before + self._size(loaded.contents))
            yield rows


def _batches(loads: Mapping[str, int], versions: Mapping[str, FileVersion]) -> Iterator[dict[str, int]]:
    """The files in the order of their names, as many at a time as one commit takes."""
    batch: dict[str, int] = {}
    size = 0
    for name in sorted(loads):
        if batch and (len(batch) == FILES_PER_COMMIT or size + versions[name].size > BYTES_PER_COMMIT):
            yield batch
            batch, size = {}, 0
        batch[name] = loads[name]
        size += versions[name].size
    if batch:
        yield batch
