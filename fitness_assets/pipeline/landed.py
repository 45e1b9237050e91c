"""Bronze: each complete file of a landing folder is appended once, by Structured Streaming, with Auto Loader if any.

The stream's checkpoint knows which files were read, and Delta's transaction ids make a batch that
was written but not noted count once. A file that was replaced under its name has landed a second time: its
new content is appended too.
"""

import json
import re
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.landing import FOLDERS, KAFKA_RECORDS, Folder, Format
from fitness_assets.contracts.model import Table
from fitness_assets.errors import CheckpointLost, RefreshWouldLose
from fitness_assets.lakehouse.log import Version
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.writes import append
from fitness_assets.pipeline.landing_zone import Listing, Stamp, local_path, records_of, replacement
from fitness_assets.pipeline.progress import Progress, ProgressStore
from fitness_assets.pipeline.seen import SeenFiles, replaced
from fitness_assets.pipeline.weeks import weeks
from fitness_assets.transforms.landed import (
    FIRST_CONTENT,
    FROM_KAFKA,
    NEW_CONTENT,
    bronze_rows,
    lines_of_csv,
    lines_of_json,
)

FILES_A_BATCH = 1000
_NEVER_TOO_OLD = "36500d"
_REPLACED = "replaced"
_LOOK_BACK = 20
"""How many commits before an update may hold what an update that was killed read again."""
_FILE_SCHEMA = "path string, modificationTime timestamp, length bigint, content binary"


def landing_folder(lake: Lakehouse, folder: Folder) -> Path:
    return lake.settings.landing_zone / folder.name


class Landing:
    """One update of one bronze table."""

    def __init__(self, lake: Lakehouse, table: Table, store: ProgressStore) -> None:
        self.lake = lake
        self.table = table
        self.store = store
        self.folder = FOLDERS[table.full_name]
        self.path = landing_folder(lake, self.folder)

    def prepare(self, noted: Progress | None, full: bool) -> Progress:
        """The note to go on from, written before anything is read; a reload that was begun is taken up again.

        Where what was read is no longer known, the table is loaded anew, if its files are all still there.

        Raises:
            CheckpointLost: the table has rows, what they came from is no longer known, and some files are gone.
            RefreshWouldLose: files that the table was loaded from have left the landing zone.
        """
        version = self._version()
        anew = full or (noted is None and self._has_rows_of_files())
        if anew and (gone := self._files_gone()):
            if noted is None:
                raise CheckpointLost(
                    f"{self.table.full_name} has rows, but {self.store.folder(self.table)} no longer says which files "
                    f"they came from, and {len(gone)} of the files are no longer in the landing zone, for example "
                    f"{gone[0]}. Put the checkpoint zone back, or the files."
                )
            raise RefreshWouldLose(
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
        """Take out the rows of the generation before; the new one's stream has not begun yet.

        Records from a broker stay: it may no longer have them, and they are exact as they are.
        """
        shutil.rmtree(self._checkpoint(noted.generation), ignore_errors=True)
        if self._has_rows_of_files():
            name = self.lake.sql_name(self.table)
            of_files = f"source_file NOT LIKE '{FROM_KAFKA}%'"
            self.lake.execute(spark(), self.table, f"DELETE FROM {name} WHERE {of_files}")
        noted = replace(noted, cleared=True, table=self._version())
        self.store.write(self.table, noted)
        return noted

    def run(self, spark: SparkSession, noted: Progress, now: Listing) -> None:
        """Append the files that were not read yet, and those with another content than was read."""
        before = self._version()
        seen = SeenFiles(self.store.folder(self.table))
        known = seen.read() if noted.landed is not None else {}
        if now.files:
            self._stream(self._new_lines(spark), noted.generation)
        self._name_empty(spark, now.empty)
        again = replaced(known, now.files)
        if again:
            self._read_again(spark, again, before)
        seen.write({**known, **now.files})

    def _new_lines(self, spark: SparkSession) -> DataFrame:
        if self.lake.has_auto_loader:
            reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", self._format)
            reader = reader.option("cloudFiles.maxFilesPerTrigger", FILES_A_BATCH)
        else:
            reader = spark.readStream.format(self._format).option("maxFilesPerTrigger", FILES_A_BATCH)
            reader = reader.option("maxFileAge", _NEVER_TOO_OLD)
        return self._lines(reader.schema(self._schema).load(self._glob()))

    def _read_again(self, spark: SparkSession, files: Mapping[str, Stamp], before: Version) -> None:
        """Append the files that were replaced, each content once: the commit names them."""
        told = {name: stamp.modified for name, stamp in files.items()}
        for commit in self.lake.log(self.table).commits(before.number - _LOOK_BACK, self._version().number):
            for name, modified in commit.user_metadata.get(_REPLACED, {}).items():
                if told.get(name) == modified:
                    del told[name]
        paths = [self.path / name for name in told if files[name].size]
        if not paths:
            return
        reader = spark.read.format(self._format).schema(self._schema)
        lines = self._lines(reader.load([_escaped(str(path)) for path in paths]), NEW_CONTENT)
        mark = json.dumps({"update": uuid.uuid4().hex, _REPLACED: told})
        append(self.lake, self.table, self._bronze(lines), sum(records_of(path, self.folder) for path in paths), mark)

    @property
    def _format(self) -> str:
        return "binaryFile" if self.folder.format is Format.CSV else "text"

    @property
    def _schema(self) -> str:
        return _FILE_SCHEMA if self._format == "binaryFile" else "value string"

    def _lines(self, files: DataFrame, source_file: str = FIRST_CONTENT) -> DataFrame:
        if self.folder.format is Format.CSV:
            return lines_of_csv(files, self.folder, source_file)
        return lines_of_json(files, source_file)

    def _stream(self, lines: DataFrame, generation: int) -> None:
        writer = (
            self._bronze(lines)
            .writeStream.outputMode("append")
            .option("checkpointLocation", str(self._checkpoint(generation)))
            .trigger(availableNow=True)
        )
        self.lake.stream(writer, self.table)

    def _name_empty(self, spark: SparkSession, names: Sequence[str]) -> None:
        """Append a row for each file without content, once; Spark passes over such files in silence."""
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

    def _glob(self) -> str:
        return f"{_escaped(str(self.path))}/{self.folder.pattern}"

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
            of_files = f"{rows.all_rows} WHERE source_file NOT LIKE '{FROM_KAFKA}%'"
            return sorted(name for (name,) in rows.fetch(f"SELECT DISTINCT source_file FROM {of_files}"))


def _escaped(path: str) -> str:
    """A path in which nothing is a pattern."""
    return re.sub(r"([\\\[\]{}*?])", r"\\\1", path)
