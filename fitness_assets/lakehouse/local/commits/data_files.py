"""Data files of a table in a folder: Parquet, each written once, on the disk before a commit names it."""

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from fitness_assets.lakehouse.local.commits.statistics import FileStatistics

CHANGE_DATA_FOLDER = "_change_data"
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class WrittenFile:
    """A file that no commit names yet.

    Attributes:
        path: within the table's folder.
        partition: the values of the partition columns, which are not in the file.
        statistics: as a commit has them.
    """

    path: str
    rows: int
    size: int
    partition: Mapping[str, str | None]
    statistics: str


class DataFileWriter:
    """Writes one file, some rows at a time.

    Args:
        table: the table's folder.
        schema: the columns in the file.
        folder: the folder within the table's.
    """

    def __init__(
        self,
        table: Path,
        schema: pa.Schema,
        partition: Mapping[str, str | None] | None = None,
        folder: str = "",
    ) -> None:
        self._partition = partition or {}
        places = [folder, *(f"{name}={quote(value or _NO_VALUE)}" for name, value in self._partition.items())]
        self._path = "/".join([place for place in places if place] + [f"part-{uuid.uuid4().hex}.zstd.parquet"])
        self._file = table / self._path
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._schema = schema.remove_metadata()
        self._statistics = FileStatistics(schema)
        self._sink = self._file.open("wb")
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd", compression_level=1)

    @property
    def rows(self) -> int:
        """How many have been written."""
        return self._statistics.rows

    def write(self, rows: pa.Table) -> None:
        rows = rows.select(self._schema.names).cast(self._schema)
        self._statistics.take(rows)
        self._writer.write_table(rows)

    def close(self) -> WrittenFile:
        """Finish the file; it is on the disk."""
        self._writer.close()
        self._sink.flush()
        os.fsync(self._sink.fileno())
        self._sink.close()
        size = self._file.stat().st_size
        return WrittenFile(self._path, self.rows, size, self._partition, self._statistics.json())

    def abandon(self) -> None:
        """Take the unfinished file away."""
        self._writer.close()
        self._sink.close()
        self._file.unlink(missing_ok=True)


def write_data_file(table: Path, rows: pa.Table, folder: str = "") -> WrittenFile:
    """Write rows as one file of a table that has no partitions."""
    writer = DataFileWriter(table, rows.schema, folder=folder)
    writer.write(rows)
    return writer.close()


def sync_folder(folder: Path) -> None:
    """Put on the disk which files a folder has."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
