"""Bronze: each complete file of a landing folder is appended once.

The commit that appends files names them, and a note beside the table keeps the names: a run that is killed at any
instant neither loses nor doubles a file. A file that was replaced under its name has landed a second time; its new
content is appended too. On Databricks new files come by Auto Loader, whose checkpoint knows which were read.
"""

import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.feeds import FILE_FEEDS, KAFKA_RECORDS, FileFeed
from fitness_assets.contracts.model import Table
from fitness_assets.errors import CheckpointLostError, DataLossError
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.transaction_log import Version
from fitness_assets.lakehouse.writes import append
from fitness_assets.pipeline.landing_zone import FileVersion, Listing, local_path, replacement
from fitness_assets.pipeline.state.ingested_files import IngestedFiles
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.pipeline.strategies.calendar import weeks
from fitness_assets.pipeline.strategies.file_reader import FILES_A_BATCH, lines_of, new_lines
from fitness_assets.transforms.bronze import FILE_URI, KAFKA_SCHEME, REPLACED_FILE_URI, bronze_rows

_FILES = "files"
_LEAST_BYTES_A_LINE = 64
"""For a guess of how many records some files have."""


def feed_folder(lake: Lakehouse, folder: FileFeed) -> Path:
    return lake.settings.landing_zone / folder.name


class FileIngestion:
    """One update of one bronze table."""

    def __init__(self, lake: Lakehouse, table: Table, store: ProgressStore) -> None:
        self.lake = lake
        self.table = table
        self.store = store
        self.folder = FILE_FEEDS[table.full_name]
        self.path = feed_folder(lake, self.folder)

    def prepare(self, noted: Progress | None, full: bool) -> Progress:
        """The note to go on from, written before anything is read; a reload that was begun is taken up again.

        Where what was read is no longer known, the table is loaded anew, if its files are all still there.

        Raises:
            CheckpointLostError: the table has rows, what they came from is no longer known, and some files are gone.
            DataLossError: files that the table was loaded from have left the landing zone.
        """
        version = self._version()
        anew = full or (noted is None and self._has_rows_of_files())
        if anew and (gone := self._files_gone()):
            if noted is None:
                raise CheckpointLostError(
                    f"{self.table.full_name} has rows, but {self.store.folder(self.table)} no longer says which files "
                    f"they came from, and {len(gone)} of the files are no longer in the landing zone, for example "
                    f"{gone[0]}. Put the checkpoint zone back, or the files."
                )
            raise DataLossError(
                f"A full refresh of {self.table.full_name} reads the landing zone anew, but {len(gone)} of the files "
                f"it was loaded from are no longer there, for example {gone[0]}. Put them back, or refresh only the "
                f"tables above it."
            )
        if noted is not None and noted.table.table_id == version.table_id and not anew:
            return noted
        generation = 0 if noted is None else noted.generation + 1
        kafka = noted.kafka if noted is not None and noted.table.table_id == version.table_id else None
        noted = Progress(table=version, generation=generation, cleared=False, kafka=kafka)
        self.store.write(self.table, noted)
        return noted

    def clear(self, spark: Callable[[], SparkSession], noted: Progress) -> Progress:
        """Take out the rows of the generation before; of the new one nothing was read yet.

        Records from a broker stay: it may no longer have them, and they are exact as they are.
        """
        shutil.rmtree(self._checkpoint(noted.generation), ignore_errors=True)
        IngestedFiles(self.store.folder(self.table)).forget()
        if self._has_rows_of_files():
            name = self.lake.sql_name(self.table)
            of_files = f"source_file NOT LIKE '{KAFKA_SCHEME}%'"
            self.lake.execute(spark(), self.table, f"DELETE FROM {name} WHERE {of_files}")
        noted = replace(noted, cleared=True, table=self._version())
        self.store.write(self.table, noted)
        return noted

    def run(self, spark: SparkSession, noted: Progress, now: Listing) -> None:
        """Append the files that were not read yet, and those with another content than was read."""
        seen = IngestedFiles(self.store.folder(self.table))
        known = {**self._known(seen, noted, now), **self._appended_since(noted)}
        todo = {name: stamp for name, stamp in now.files.items() if known.get(name) != stamp}
        if self.lake.streams_files:
            self._stream(new_lines(spark, self.path, self.folder), noted.generation)
            todo = {name: stamp for name, stamp in todo.items() if name in known}
        self._name_empty(spark, now.empty)
        for batch in _batches(todo):
            self._append(spark, batch, known)
        seen.write({**known, **now.files})

    def _known(self, seen: IngestedFiles, noted: Progress, now: Listing) -> dict[str, FileVersion]:
        """The files that were read. Where their note is gone the rows tell which they are."""
        known = seen.read()
        if known is None:
            names = {local_path(uri).name for uri in self._files()} if noted.landed is not None else set()
            known = {name: stamp for name, stamp in now.files.items() if name in names}
        return known

    def _appended_since(self, noted: Progress) -> dict[str, FileVersion]:
        """The files that an update appended which was killed before it could note them: its commits name them."""
        found: dict[str, FileVersion] = {}
        for commit in self.lake.log(self.table).commits(noted.table.number, self._version().number):
            for name, stamp in commit.user_metadata.get(_FILES, {}).items():
                found[name] = FileVersion(*stamp)
        return found

    def _append(self, spark: SparkSession, batch: Mapping[str, FileVersion], known: Mapping[str, FileVersion]) -> None:
        """Append some files in one commit that names them."""
        first = [self.path / name for name, stamp in batch.items() if stamp.size and name not in known]
        again = [self.path / name for name, stamp in batch.items() if stamp.size and name in known]
        parts = [
            lines_of(spark, self.folder, paths, source_file)
            for paths, source_file in ((first, FILE_URI), (again, REPLACED_FILE_URI))
            if paths
        ]
        if parts:
            told = {name: [stamp.size, stamp.modified] for name, stamp in batch.items()}
            mark = json.dumps({"update": uuid.uuid4().hex, _FILES: told})
            expected = sum(stamp.size for stamp in batch.values()) // _LEAST_BYTES_A_LINE
            append(self.lake, self.table, self._bronze(reduce(DataFrame.unionByName, parts)), expected, mark)

    def _stream(self, lines: DataFrame, generation: int) -> None:
        writer = (
            self._bronze(lines)
            .writeStream.outputMode("append")
            .option("checkpointLocation", str(self._checkpoint(generation)))
            .trigger(availableNow=True)
        )
        self.lake.stream(writer, self.table)

    def _name_empty(self, spark: SparkSession, names: Sequence[str]) -> None:
        """Append a row for each file without content, once: there is no line of it to make one from."""
        if not names:
            return
        with self.lake.look() as look:
            rows = look.rows(self.table)
            known = rows.fetch(f"SELECT source_file FROM {rows.all_rows} WHERE fault = 'empty_file'")
        new = sorted({(self.path / name).as_uri() for name in names} - {uri for (uri,) in known})
        if new:
            lines = [(None, "empty_file", uri) for uri in new]
            found = spark.createDataFrame(lines, "line string, fault string, source_file string")
            append(self.lake, self.table, self._bronze(found), len(new))

    def _bronze(self, lines: DataFrame) -> DataFrame:
        of_days = weeks(self.lake, lines.sparkSession) if self.folder is KAFKA_RECORDS else None
        return bronze_rows(lines, self.folder, of_days)

    def _checkpoint(self, generation: int) -> Path:
        return self.store.folder(self.table) / f"stream_{generation}"

    def _version(self) -> Version:
        version = self.lake.ensure(self.table).version()
        if version is None:
            raise RuntimeError(f"{self.table.full_name} vanished while it was being looked at.")
        return version

    def _has_rows_of_files(self) -> bool:
        return bool(self._files())

    def _files_gone(self) -> list[str]:
        """The files that rows came from and that are no longer in the landing zone, or with another content."""
        latest: dict[Path, int] = {}
        for name in self._files():
            latest[local_path(name)] = max(latest.get(local_path(name), 0), replacement(name))
        return [
            name
            for name in self._files()
            if not local_path(name).exists() or replacement(name) < latest[local_path(name)]
        ]

    def _files(self) -> list[str]:
        """The files that rows came from."""
        if not self.lake.log(self.table).row_count():
            return []
        with self.lake.look() as look:
            rows = look.rows(self.table)
            of_files = f"{rows.all_rows} WHERE source_file NOT LIKE '{KAFKA_SCHEME}%'"
            return sorted(name for (name,) in rows.fetch(f"SELECT DISTINCT source_file FROM {of_files}"))


def _batches(files: Mapping[str, FileVersion]) -> Iterator[dict[str, FileVersion]]:
    """The files by name, so many at a time."""
    names = sorted(files)
    for start in range(0, len(names), FILES_A_BATCH):
        yield {name: files[name] for name in names[start : start + FILES_A_BATCH]}
