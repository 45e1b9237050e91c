"""What Lakeflow has and open-source Spark has not, with the documented semantics, so that the pipeline runs here.

Spark's own `pyspark.pipelines` does the rest: streaming tables, append flows, views, materialized views, their order.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyspark import pipelines as dp
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from fitness_assets.contracts.registry import get_table

Query = Callable[[], DataFrame]

AUTO_LOADER_OPTIONS = {"cloudFiles.format", "cloudFiles.allowOverwrites"}
"""Those of https://docs.databricks.com/ingestion/auto-loader/options.html that we use."""
BINARY_FILE = StructType.fromDDL("path STRING, modificationTime TIMESTAMP, length BIGINT, content BINARY")
KAFKA = StructType.fromDDL(
    "key BINARY, value BINARY, topic STRING, partition INT, offset BIGINT, timestamp TIMESTAMP, timestampType INT"
)


class EmulatedPipelines:
    """`pyspark.pipelines` with AUTO CDC into a Delta table, clustering and expectations.

    AUTO CDC (SCD type 1) into a table is here a table of all its records and a view of it: the record with the greatest
    sequence of each key, unless it is a delete. Spark's own refuses Delta tables, which `test_limits.py` shows.
    """

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark
        self._tables: dict[str, dict[str, Any]] = {}
        self._views: dict[str, Query] = {}

    def create_streaming_table(
        self, name: str, *, expect_all: dict[str, str], cluster_by: list[str] | None, **details: Any
    ) -> None:
        self._tables[name] = details

    def append_flow(self, *, target: str, name: str) -> Callable[[Query], None]:
        details = self._tables.pop(target, None)
        if details is not None:
            dp.create_streaming_table(target, **details)
        return dp.append_flow(target=target, name=name)

    def temporary_view(self, *, name: str) -> Callable[[Query], None]:
        def register(query: Query) -> None:
            self._views[name] = query

        return register

    def create_auto_cdc_flow(
        self,
        target: str,
        source: str,
        keys: list[str],
        sequence_by: str,
        apply_as_deletes: str | None,
        except_column_list: list[str],
        stored_as_scd_type: str,
    ) -> None:
        assert stored_as_scd_type == "1"
        changes, column_names = f"{target}_changes", get_table(target).column_names
        assert not set(except_column_list) & set(column_names)
        dp.table(name=changes)(self._views[source])

        def latest() -> DataFrame:
            records = self._spark.read.table(changes)
            others = [name for name in column_names if name not in keys]
            last = F.expr(f"max_by(struct({', '.join([*others, 'true AS seen'])}), {sequence_by}) AS last")
            rows = records.groupBy(*keys).agg(last).select(*keys, *[f"last.{name}" for name in others])
            kept = rows.where(f"NOT coalesce({apply_as_deletes}, false)") if apply_as_deletes else rows
            return kept.select(*column_names)

        dp.materialized_view(name=target, **self._tables.pop(target))(latest)

    def materialized_view(self, *, cluster_by: list[str] | None, **details: Any) -> Callable[[Query], None]:
        return dp.materialized_view(**details)

    def expect_all(self, expectations: dict[str, str]) -> Callable[[Query], Query]:
        return lambda query: query


class EmulatedSession:
    """The session with the sources that a workspace has: Auto Loader as Spark's stream of files, Kafka as a folder.

    Args:
        topics: a folder of files with the columns of Spark's Kafka source.
    """

    def __init__(self, spark: SparkSession, topics: Path) -> None:
        self.conf, self.read = spark.conf, spark.read
        self._spark = spark
        self._topics = topics

    @property
    def readStream(self) -> "EmulatedStreamReader":
        return EmulatedStreamReader(self._spark, self._topics)


class EmulatedStreamReader:
    def __init__(self, spark: SparkSession, topics: Path) -> None:
        self._reader = spark.readStream
        self._topics = topics
        self._format = ""

    def table(self, name: str) -> DataFrame:
        return self._reader.table(name)

    def format(self, name: str) -> "EmulatedStreamReader":
        assert name in ("cloudFiles", "kafka")
        self._format = name
        return self

    def options(self, **options: str) -> "EmulatedStreamReader":
        if self._format == "cloudFiles":
            assert set(options) <= AUTO_LOADER_OPTIONS and options["cloudFiles.format"] == "binaryFile"
        else:
            assert {"kafka.bootstrap.servers", "subscribe"} <= set(options)
        return self

    def load(self, path: str = "") -> DataFrame:
        if self._format == "kafka":
            return self._reader.format("parquet").schema(KAFKA).load(str(self._topics))
        files = self._reader.format("binaryFile").schema(BINARY_FILE)
        return files.option("recursiveFileLookup", "true").load(path)
