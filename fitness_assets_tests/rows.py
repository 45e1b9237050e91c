"""Small rows in and out of transforms."""

from datetime import datetime, timezone
from typing import Any

from pyspark.sql import DataFrame, SparkSession


def at(text: str) -> datetime:
    """A time in UTC, such as `2026-01-31 10:00:00.25`."""
    whole, _, fraction = text.partition(".")
    micros = int(fraction.ljust(6, "0")) if fraction else 0
    return datetime.fromisoformat(whole).replace(microsecond=micros, tzinfo=timezone.utc)


def frame(spark: SparkSession, schema: str, *rows: tuple[Any, ...]) -> DataFrame:
    return spark.createDataFrame(list(rows), schema)


def found(rows: DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """The rows, sorted, times in UTC."""
    chosen = rows.select(*columns) if columns else rows
    return sorted((tuple(row.values()) for row in chosen.toArrow().to_pylist()), key=repr)
