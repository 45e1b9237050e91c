"""Silver from bronze: upserted tables by AUTO CDC, quarantine by an append for each bronze table."""

from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.model import Table
from fitness_assets.databricks.lakeflow.api import Pipelines
from fitness_assets.databricks.lakeflow.datasets import dataset, define_view, expectations
from fitness_assets.pipeline.strategies.computed.strategy import as_contracted
from fitness_assets.transforms.quarantine import rejected_records
from fitness_assets.transforms.registry import merge_rule_of, merged_values, parser_of
from fitness_assets.transforms.winner import Winner

SEQUENCE = "winning_sequence"
_TOMBSTONES = {"pipelines.cdc.tombstoneGCThresholdInSeconds": str(60 * 365 * 24 * 60 * 60)}
"""A record that means "no row" is kept for sixty years instead of two days, or a late one would bring the row back."""


def define_upserted(pipelines: Pipelines, spark: SparkSession, table: Table) -> None:
    """Define a table with one row a key: by AUTO CDC where one record of a key wins as a whole, otherwise by the
    aggregate over all records."""
    source = table.sources[0].table
    rule = merge_rule_of(table)()
    if not isinstance(rule, Winner):
        _define_aggregated(pipelines, spark, table)
        return
    sequence = rule.sequence(table)
    declared = dataset(table)
    declared["table_properties"] |= _TOMBSTONES if table.tombstone_condition else {}
    pipelines.create_streaming_table(**declared, expect_all=expectations(table))

    @pipelines.temporary_view(name=f"{table.name}_records")
    def records() -> DataFrame:
        parsed = as_contracted(parser_of(table)(spark.readStream.table(source)), table)
        return parsed.selectExpr("*", f"{sequence} AS {SEQUENCE}")

    pipelines.create_auto_cdc_flow(
        target=table.full_name,
        source=f"{table.name}_records",
        keys=list(table.key),
        sequence_by=SEQUENCE,
        apply_as_deletes=table.tombstone_condition,
        except_column_list=[SEQUENCE],
        stored_as_scd_type="1",
    )


def define_quarantine(pipelines: Pipelines, spark: SparkSession, table: Table) -> None:
    """Define the table of the records that a rule refuses, with a flow for each bronze table."""
    pipelines.create_streaming_table(**dataset(table), expect_all=expectations(table))
    for source in table.sources:

        @pipelines.append_flow(target=table.full_name, name=f"{table.name}_of_{source.name}")
        def rejected(source: str = source.table) -> DataFrame:
            return as_contracted(rejected_records(spark.readStream.table(source), source), table)


def _define_aggregated(pipelines: Pipelines, spark: SparkSession, table: Table) -> None:
    def rows() -> DataFrame:
        records = as_contracted(parser_of(table)(spark.read.table(table.sources[0].table)), table)
        best = records.groupBy(*table.key).agg(merged_values(table).alias("best"))
        best = best.select(*table.key, *[f"best.{name}" for name in table.value_columns])
        kept = best.where(f"NOT coalesce({table.tombstone_condition}, false)") if table.tombstone_condition else best
        return as_contracted(kept, table)

    define_view(pipelines, table, rows)
