"""The lines of landed files: of some that are named, or of those that a stream has not read yet."""

import re
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.feeds import FileFeed, FileFormat
from fitness_assets.settings.engine import is_databricks_runtime
from fitness_assets.transforms.bronze import FILE_URI, csv_lines, json_lines

FILES_PER_BATCH = 1000
_NEVER_TOO_OLD = "36500d"
_WHOLE_FILE = "path string, modificationTime timestamp, length bigint, content binary"


def read_lines(spark: SparkSession, feed: FileFeed, files: Sequence[Path], source_file: str) -> DataFrame:
    """`line`, `fault` and `source_file` of these files.

    Args:
        source_file: the SQL that says which content of a file it is.
    """
    reader = spark.read.format(_format(feed)).schema(_schema(feed))
    return _lines(reader.load([_escaped(str(file)) for file in files]), feed, source_file)


def stream_lines(spark: SparkSession, folder: Path, feed: FileFeed) -> DataFrame:
    """A stream of the lines of files as they come, on Databricks by Auto Loader."""
    if is_databricks_runtime():
        reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", _format(feed))
        reader = reader.option("cloudFiles.maxFilesPerTrigger", FILES_PER_BATCH)
    else:
        reader = spark.readStream.format(_format(feed)).option("maxFilesPerTrigger", FILES_PER_BATCH)
        reader = reader.option("maxFileAge", _NEVER_TOO_OLD)
    return _lines(reader.schema(_schema(feed)).load(f"{_escaped(str(folder))}/{feed.pattern}"), feed, FILE_URI)


def _format(feed: FileFeed) -> str:
    return "binaryFile" if feed.format is FileFormat.CSV else "text"


def _schema(feed: FileFeed) -> str:
    return _WHOLE_FILE if feed.format is FileFormat.CSV else "value string"


def _lines(files: DataFrame, feed: FileFeed, source_file: str) -> DataFrame:
    if feed.format is FileFormat.CSV:
        return csv_lines(files, feed, source_file)
    return json_lines(files, source_file)


def _escaped(path: str) -> str:
    """A path in which nothing is a pattern."""
    return re.sub(r"([\\\[\]{}*?])", r"\\\1", path)
