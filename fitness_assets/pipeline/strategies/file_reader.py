"""The lines of landed files: of some that are named, or of those that a stream has not read yet."""

import re
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.feeds import FileFeed, FileFormat
from fitness_assets.runtime import on_databricks
from fitness_assets.transforms.bronze import FILE_URI, csv_lines, json_lines

FILES_A_BATCH = 1000
_NEVER_TOO_OLD = "36500d"
_WHOLE_FILE = "path string, modificationTime timestamp, length bigint, content binary"


def lines_of(spark: SparkSession, folder: FileFeed, files: Sequence[Path], source_file: str) -> DataFrame:
    """`line`, `fault` and `source_file` of these files.

    Args:
        source_file: the SQL that says which content of a file it is.
    """
    reader = spark.read.format(_format(folder)).schema(_schema(folder))
    return _lines(reader.load([_escaped(str(file)) for file in files]), folder, source_file)


def new_lines(spark: SparkSession, path: Path, folder: FileFeed) -> DataFrame:
    """A stream of the lines of files as they come, on Databricks by Auto Loader."""
    if on_databricks():
        reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", _format(folder))
        reader = reader.option("cloudFiles.maxFilesPerTrigger", FILES_A_BATCH)
    else:
        reader = spark.readStream.format(_format(folder)).option("maxFilesPerTrigger", FILES_A_BATCH)
        reader = reader.option("maxFileAge", _NEVER_TOO_OLD)
    return _lines(reader.schema(_schema(folder)).load(f"{_escaped(str(path))}/{folder.pattern}"), folder, FILE_URI)


def _format(folder: FileFeed) -> str:
    return "binaryFile" if folder.format is FileFormat.CSV else "text"


def _schema(folder: FileFeed) -> str:
    return _WHOLE_FILE if folder.format is FileFormat.CSV else "value string"


def _lines(files: DataFrame, folder: FileFeed, source_file: str) -> DataFrame:
    if folder.format is FileFormat.CSV:
        return csv_lines(files, folder, source_file)
    return json_lines(files, source_file)


def _escaped(path: str) -> str:
    """A path in which nothing is a pattern."""
    return re.sub(r"([\\\[\]{}*?])", r"\\\1", path)
