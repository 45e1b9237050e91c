"""Bronze: a streaming table for each file feed, to which Auto Loader appends the records of each file, and Kafka its
own. What a record is and whether a rule refuses it is judged here, by the very judges of our own updates."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType

from fitness_assets.contracts.feeds import DATE_LOOKUP, FILE_FEEDS, KAFKA_RECORDS
from fitness_assets.contracts.model import Table
from fitness_assets.databricks.lakeflow.api import Pipelines
from fitness_assets.databricks.lakeflow.configuration import PipelineConfiguration
from fitness_assets.databricks.lakeflow.datasets import column_types, dataset, expectations
from fitness_assets.databricks.lakeflow.judging import file_judge, record_judge
from fitness_assets.databricks.lakeflow.kafka_options import kafka_options
from fitness_assets.pipeline.strategies.computed.strategy import as_contracted
from fitness_assets.transforms.calendar import with_week_part

_FILES = {"cloudFiles.format": "binaryFile", "cloudFiles.allowOverwrites": "true"}
"""Whole files, so that a header, a line's number and what cannot be read at all can be judged; a file that was replaced
under its name lands a second time."""
_RECORD = ("key", "value", "topic", "cast(partition AS BIGINT)", "offset", "unix_millis(timestamp)")


def define_bronze(
    pipelines: Pipelines, spark: SparkSession, table: Table, configuration: PipelineConfiguration
) -> None:
    """Define the table of one file feed; that of the topics has a second flow where there is a broker."""
    pipelines.create_streaming_table(**dataset(table), expect_all=expectations(table))
    feed, columns = FILE_FEEDS[table.full_name], column_types(table)
    is_of_topics = feed is KAFKA_RECORDS

    def contracted(rows: DataFrame) -> DataFrame:
        if is_of_topics:
            rows = with_week_part(rows, spark.read.table(DATE_LOOKUP.table))
        return as_contracted(rows, table)

    @pipelines.append_flow(target=table.full_name, name=f"{table.name}_files")
    def files() -> DataFrame:
        judge = F.udf(file_judge(table.full_name, configuration.landing), ArrayType(columns), useArrow=False)
        landed = spark.readStream.format("cloudFiles").options(**_FILES)
        return contracted(
            landed.load(f"{configuration.landing}/{feed.name}").select(F.inline(judge("path", "content")))
        )

    if is_of_topics and configuration.kafka:
        options = kafka_options(configuration.kafka)

        @pipelines.append_flow(target=table.full_name, name=f"{table.name}_topics")
        def topics() -> DataFrame:
            judge = F.udf(record_judge(), ArrayType(columns), useArrow=False)
            records = spark.readStream.format("kafka").options(**options).load()
            return contracted(records.select(F.inline(judge(*map(F.expr, _RECORD)))))
