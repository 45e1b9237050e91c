"""Data files of a table in a folder: Parquet, each written once, on the disk before a commit names it."""

import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fitness_assets.lakehouse.local.commits.statistics import FileStatistics
from fitness_assets.lakehouse.rows import limits
from fitness_assets.storage import make_folder

CHANGE_DATA_FOLDER = "_change_data"
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


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
        places = [folder, *(f"{name}={quote(value or NO_VALUE)}" for name, value in self._partition.items())]
        self._path = "/".join([place for place in places if place] + [f"part-{uuid.uuid4().hex}.zstd.parquet"])
        self._file = table / self._path
        make_folder(self._file.parent)
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
        self._file.unlink(missing_ok=True)
        # What is closed writes the end of a file that nobody sees any more, and may fail as what went before it.
        with suppress(OSError):
            self._writer.close()
        with suppress(OSError):
            self._sink.close()


def write_data_file(
    table: Path, rows: pa.Table, partition: Mapping[str, str | None] | None = None, folder: str = ""
) -> WrittenFile:
    """Write rows as one file; where that fails none is left.

    Args:
        partition: the values of the partition columns, which the rows do not have.
        folder: the folder within the table's.
    """
    writer = DataFileWriter(table, rows.schema, partition, folder)
    try:
        writer.write(rows)
        return writer.close()
    except BaseException:  # an interrupt too; raised again
        writer.abandon()
        raise


def in_files(rows: pa.Table, order: Sequence[str]) -> Iterator[pa.Table]:
    """Rows in the table's order, as many at a time as one file holds; none where there are none."""
    rows = rows.combine_chunks()
    if order:
        rows = rows.take(pc.sort_indices(rows, [(name, "ascending") for name in order]))
    files = max(round(rows.num_rows / limits.ROWS_PER_FILE), 1)
    borders = [rows.num_rows * number // files for number in range(files + 1)]
    for start, end in pairwise(borders):
        if end > start:
            yield rows.slice(start, end - start)
