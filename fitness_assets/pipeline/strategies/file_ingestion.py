"""Bronze from files: each complete file of a feed is appended once.

The commit that appends files names them, and the list of ingested files keeps the names: a run that is killed at any
instant neither loses nor doubles a file. A file that was replaced under its name has landed a second time; its new
content is appended too. On Databricks new files come by Auto Loader, whose checkpoint knows which were read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import reduce

from pyspark.sql import DataFrame

from fitness_assets.contracts.feeds import FILE_FEEDS, KAFKA_RECORDS
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import CheckpointLostError, DataLossError
from fitness_assets.lakehouse import Lakehouse, RowSet, TableScan, Version, new_user_metadata
from fitness_assets.pipeline.result import CheckResult
from fitness_assets.pipeline.state.ingested_files import IngestedFiles
from fitness_assets.pipeline.state.landing_zone import (
    FileListing,
    FileVersion,
    feed_folder,
    list_files,
    local_path,
)
from fitness_assets.pipeline.state.progress import Progress, ProgressStore, state_prefix
from fitness_assets.pipeline.state.reconciliation import compare_files
from fitness_assets.pipeline.strategies.appends import appended, existing_version
from fitness_assets.pipeline.strategies.calendar import calendar_weeks_of
from fitness_assets.pipeline.strategies.file_reader import FILES_PER_BATCH, read_lines, stream_lines
from fitness_assets.pipeline.strategies.source_files import FROM_FILES, SourceFiles
from fitness_assets.pipeline.strategies.strategy import Strategy, StrategyResult, ZoneView
from fitness_assets.transforms.bronze import FILE_URI, REPLACED_FILE_URI, bronze_rows

_FILES = "files"
_MIN_BYTES_PER_LINE = 64
"""For a guess of how many records some files have."""
_CHECK = "landed_equals_loaded"


@dataclass(frozen=True)
class FilePlan:
    """What to ingest.

    Attributes:
        listing: the files that are there.
        is_due: whether they are others than those that were ingested.
        is_reload: whether the table is loaded anew.
    """

    listing: FileListing
    is_due: bool
    is_reload: bool


class FileIngestion(Strategy[FilePlan]):
    """One update of one bronze table from its files."""

    SUMMARY = "appended as files and records land"
    DESCRIPTION = (
        "Each complete file of the landing zone is appended once, and each record of the topics; nothing is dropped "
        "or changed."
    )

    def __init__(self, lake: Lakehouse, table: Table, store: ProgressStore) -> None:
        super().__init__(lake, table, store)
        self.feed = FILE_FEEDS[table.full_name]
        self.folder = feed_folder(lake.settings, self.feed)
        self.ingested = IngestedFiles(store.storage, table)
        self.source_files = SourceFiles(lake, table)

    def prepare(self, progress: Progress | None, full_refresh: bool) -> Progress:
        """The progress to go on from, written before anything is read; a reload that was begun is taken up again.

        Where what was read is no longer known, the table is loaded anew, if its files are all still there.

        Raises:
            CheckpointLostError: the table has rows, what they came from is no longer known, and some files are gone.
            DataLossError: files that the table was loaded from have left the landing zone.
        """
        for source in self.table.sources:
            self.lake.ensure(get_table(source.table))
        version = self._version()
        is_reload = full_refresh or (progress is None and bool(self.source_files.names()))
        if is_reload and (missing := self.source_files.missing()):
            if progress is None:
                raise CheckpointLostError(
                    f"{self.table.full_name} has rows, but {self.store.storage.address(state_prefix(self.table))} no "
                    f"longer says which files they came from, and {len(missing)} of the files are no longer in the "
                    f"landing zone, for example {missing[0]}. Put the checkpoint zone back, or the files."
                )
            raise DataLossError(
                f"A full refresh of {self.table.full_name} reads the landing zone anew, but {len(missing)} of the "
                f"files it was loaded from are no longer there, for example {missing[0]}. Put them back, or refresh "
                f"only the tables downstream."
            )
        is_same_table = progress is not None and progress.table.table_id == version.table_id
        if progress is not None and is_same_table and not is_reload:
            return progress
        generation = 0 if progress is None else progress.generation + 1
        offsets = progress.kafka_offsets if progress is not None and is_same_table else None
        progress = Progress(table=version, generation=generation, is_cleared=False, kafka_offsets=offsets)
        self.store.write(self.table, progress)
        return progress

    def plan(self, progress: Progress | None, full_refresh: bool) -> FilePlan:
        assert progress is not None, "prepare always gives the progress of a bronze table"
        listing = list_files(self.folder, self.feed)
        ingested = progress.files_fingerprint
        is_due = listing.fingerprint != ingested and bool(listing.files or ingested is not None)
        return FilePlan(listing, is_due, is_reload=is_due and ingested is None and progress.generation > 0)

    def run(self, plan: FilePlan, progress: Progress | None) -> StrategyResult:
        """Append the files that were not read yet, and those with another content than was read."""
        assert progress is not None, "prepare always gives the progress of a bronze table"
        if not progress.is_cleared:
            progress = self._clear(progress)
        before = self._version()
        if plan.is_due:
            self._ingest(plan.listing, progress)
            progress = replace(progress, files_fingerprint=plan.listing.fingerprint)
        return appended(self.lake, self.table, before, progress, is_reload=plan.is_reload)

    @classmethod
    def is_pending(cls, table: Table, view: ZoneView) -> bool:
        return view.has_new_files(table, FILE_FEEDS[table.full_name])

    @classmethod
    def code(cls, table: Table) -> dict[str, Callable[..., object]]:
        return {"rows from lines": bronze_rows}

    @classmethod
    def check_descriptions(cls, table: Table) -> dict[str, str]:
        return {_CHECK: "Every record of the files that were loaded is here, exactly once."}

    def check(self, scan: TableScan) -> Iterator[CheckResult]:
        counts = compare_files(scan, self.feed)
        description = self.check_descriptions(self.table)[_CHECK]
        yield CheckResult(_CHECK, counts.landed == counts.loaded, description, asdict(counts))

    def _clear(self, progress: Progress) -> Progress:
        """Take out the rows of the generation before; of the new one nothing was read yet.

        Records from a broker stay: it may no longer have them, and they are exact as they are.
        """
        self.store.storage.delete(self._checkpoint_name(progress.generation))
        self.ingested.forget()
        if self.source_files.names():
            self.lake.delete(self.table, FROM_FILES)
        progress = replace(progress, is_cleared=True, table=self._version())
        self.store.write(self.table, progress)
        return progress

    def _ingest(self, listing: FileListing, progress: Progress) -> None:
        ingested = {**self._ingested_files(progress, listing), **self._committed_since(progress)}
        due = {name: version for name, version in listing.files.items() if ingested.get(name) != version}
        if self.lake.supports_auto_loader:
            self._stream(progress.generation)
            due = {name: version for name, version in due.items() if name in ingested}
        self._append_empty_files(listing.empty_files)
        for batch in _batches(due):
            self._append(batch, ingested)
        self.ingested.write({**ingested, **listing.files})

    def _ingested_files(self, progress: Progress, listing: FileListing) -> dict[str, FileVersion]:
        """The files that were read. Where their list is gone the rows tell which they are."""
        ingested = self.ingested.read()
        if ingested is None:
            is_loaded = progress.files_fingerprint is not None
            names = {local_path(uri).name for uri in self.source_files.names()} if is_loaded else set()
            ingested = {name: version for name, version in listing.files.items() if name in names}
        return ingested

    def _committed_since(self, progress: Progress) -> dict[str, FileVersion]:
        """The files that an update appended which was killed before it could list them: its commits name them."""
        files: dict[str, FileVersion] = {}
        for commit in self.lake.log(self.table).commits(progress.table.number, self._version().number):
            for name, version in commit.user_metadata.get(_FILES, {}).items():
                files[name] = FileVersion(*version)
        return files

    def _append(self, batch: Mapping[str, FileVersion], ingested: Mapping[str, FileVersion]) -> None:
        """Append some files in one commit that names them."""
        new = [self.folder / name for name, version in batch.items() if version.size and name not in ingested]
        replaced = [self.folder / name for name, version in batch.items() if version.size and name in ingested]
        parts = [
            read_lines(self.lake.spark(), self.feed, paths, source_file)
            for paths, source_file in ((new, FILE_URI), (replaced, REPLACED_FILE_URI))
            if paths
        ]
        if parts:
            files = {name: [version.size, version.modified] for name, version in batch.items()}
            expected_rows = sum(version.size for version in batch.values()) // _MIN_BYTES_PER_LINE
            rows = self._bronze_rows(reduce(DataFrame.unionByName, parts))
            self.lake.append(self.table, rows, expected_rows, new_user_metadata(**{_FILES: files}))

    def _stream(self, generation: int) -> None:
        lines = stream_lines(self.lake.spark(), self.folder, self.feed)
        checkpoint = self.store.storage.address(self._checkpoint_name(generation))
        writer = (
            self._bronze_rows(lines)
            .df.writeStream.outputMode("append")
            .option("checkpointLocation", checkpoint)
            .trigger(availableNow=True)
        )
        self.lake.stream(writer, self.table)

    def _append_empty_files(self, names: Sequence[str]) -> None:
        """Append a row for each file without content, once: there is no line of it to make one from."""
        if not names:
            return
        with self.lake.query_engine() as engine:
            scan = engine.scan(self.table)
            known = scan.fetch(f"SELECT source_file FROM {scan.all_rows} WHERE fault = 'empty_file'")
        new = sorted({(self.folder / name).as_uri() for name in names} - {uri for (uri,) in known})
        if new:
            lines = [(None, "empty_file", uri) for uri in new]
            frame = self.lake.spark().createDataFrame(lines, "line string, fault string, source_file string")
            self.lake.append(self.table, self._bronze_rows(frame), len(new))

    def _bronze_rows(self, lines: DataFrame) -> RowSet:
        weeks = calendar_weeks_of(self.lake) if self.feed is KAFKA_RECORDS else None
        return RowSet.planned(self.lake.spark, bronze_rows(lines, self.feed, weeks))

    def _checkpoint_name(self, generation: int) -> str:
        return f"{state_prefix(self.table)}/stream_{generation}"

    def _version(self) -> Version:
        return existing_version(self.lake, self.table)


def _batches(files: Mapping[str, FileVersion]) -> Iterator[dict[str, FileVersion]]:
    """The files by name, so many at a time."""
    names = sorted(files)
    for start in range(0, len(names), FILES_PER_BATCH):
        yield {name: files[name] for name in names[start : start + FILES_PER_BATCH]}
