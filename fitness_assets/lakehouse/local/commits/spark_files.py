"""Rows that Spark computes, as data files of a transaction of this process.

Spark writes plain Parquet beside the table and commits nothing. So a job that goes on after its client was killed can
change no table, whenever it ends.
"""

import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from fitness_assets.lakehouse.local.commits.data_files import NO_VALUE, WrittenFile
from fitness_assets.lakehouse.local.commits.statistics import FileStatistics
from fitness_assets.lakehouse.local.paths import scratch_folder
from fitness_assets.lakehouse.sql.dialect import SPARK
from fitness_assets.storage import make_folder, sync_file


def write_by_spark(
    folder: Path,
    rows: DataFrame,
    schema: pa.Schema,
    rows_per_file: int,
    partition_by: Sequence[str] = (),
    within: str = "",
) -> list[WrittenFile]:
    """Let Spark write rows, and move the files into a table's folder, where no commit names them yet.

    Args:
        folder: the table's.
        rows_per_file: 0 is any number.
        within: the folder within the table's.
    """
    with _scratch(folder) as scratch:
        spark_types = from_arrow_schema(schema)
        columns = [F.col(SPARK.name(field.name)).cast(field.dataType).alias(field.name) for field in spark_types]
        writer = rows.select(columns).write.option("maxRecordsPerFile", rows_per_file)
        writer.partitionBy(*partition_by).parquet(str(scratch))
        in_file = pa.schema([field for field in schema if field.name not in partition_by])
        made = sorted(scratch.rglob("*.parquet"))
        written = [_described(file, scratch, in_file, within) for file in made]
        # What was moved before a power cut is a file that no commit names.
        for file, described in zip(made, written, strict=True):
            if described.rows:
                sync_file(file)
                make_folder((folder / described.path).parent)
                file.replace(folder / described.path)
        return [file for file in written if file.rows]


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    scratch = scratch_folder(folder) / uuid.uuid4().hex
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _described(file: Path, scratch: Path, schema: pa.Schema, within: str) -> WrittenFile:
    footer = pq.read_metadata(file)
    statistics = FileStatistics(schema)
    statistics.take_footer(footer)
    place = file.relative_to(scratch)
    path = "/".join([*([within] if within else []), place.as_posix()])
    return WrittenFile(path, footer.num_rows, file.stat().st_size, _partition(place), statistics.json())


def _partition(place: Path) -> Mapping[str, str | None]:
    """The values that Spark put into the names of folders."""
    pairs = [folder.split("=", 1) for folder in place.parent.parts]
    return {unquote(name): None if value == NO_VALUE else unquote(value) for name, value in pairs}
