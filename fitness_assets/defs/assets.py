"""Every table an asset, made from its contract."""

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    Config,
    DataVersion,
    MaterializeResult,
    MetadataValue,
    asset,
)
from pydantic import Field

from fitness_assets.contracts.catalog import tables
from fitness_assets.contracts.landing import KAFKA_RECORDS, TOPICS
from fitness_assets.contracts.model import Kind, Table
from fitness_assets.defs.describe import GROUPS, column_lineage, column_schema, key_of, tags
from fitness_assets.defs.external import landing_key, topic_key
from fitness_assets.pipeline.result import UpdateResult
from fitness_assets.pipeline.update import update
from fitness_assets.resources.platform import LakehouseResource, SparkResource


class UpdateConfig(Config):
    """How a table is brought up to date in this run."""

    full_refresh: bool = Field(
        default=False, description="Compute the table whole and make it equal; a bronze table is loaded anew."
    )


def table_assets() -> list[AssetsDefinition]:
    return [_asset(table) for table in tables().values()]


def _asset(table: Table) -> AssetsDefinition:
    @asset(
        key=key_of(table.full_name),
        deps=_upstream(table),
        description=f"{table.description}\n\nOne row is {table.grain}.",
        group_name=GROUPS[table.layer],
        kinds={"delta", "spark"},
        owners=[table.owner],
        tags=tags(table),
        code_version=table.code_version,
        pool=table.full_name.replace(".", "_"),
        metadata={
            "dagster/table_name": table.full_name,
            "dagster/column_schema": column_schema(table),
            "dagster/column_lineage": column_lineage(table),
            "key": ", ".join(table.key) or "none",
        },
    )
    def materialize(
        context: AssetExecutionContext, config: UpdateConfig, spark: SparkResource, lakehouse: LakehouseResource
    ) -> MaterializeResult:  # type: ignore[type-arg]
        result = update(lakehouse.lakehouse(), table, spark.session, config.full_refresh)
        context.log.info(result.line())
        return MaterializeResult(
            metadata=_metadata(table, result, str(lakehouse.lakehouse().path(table))),
            data_version=DataVersion(str(result.version)),
        )

    return materialize


def _upstream(table: Table) -> list[AssetKey]:
    upstream = [key_of(source.table) for source in table.sources]
    if table.kind is Kind.LANDED:
        upstream.append(landing_key(table.name))
    if table.full_name == KAFKA_RECORDS.table:
        upstream += [topic_key(topic) for topic in TOPICS]
    return upstream


def _metadata(table: Table, result: UpdateResult, path: str) -> dict[str, MetadataValue]:
    return {
        "dagster/row_count": MetadataValue.int(result.rows),
        "dagster/column_schema": MetadataValue.table_schema(column_schema(table)),
        "dagster/column_lineage": MetadataValue.column_lineage(column_lineage(table)),
        "update": MetadataValue.text(result.mode + (f": {result.reason}" if result.reason else "")),
        "read": MetadataValue.int(result.read),
        "inserted": MetadataValue.int(result.inserted),
        "updated": MetadataValue.int(result.updated),
        "deleted": MetadataValue.int(result.deleted),
        "refused": MetadataValue.int(result.inserted if table.kind is Kind.REFUSED else 0),
        "seconds": MetadataValue.float(round(result.seconds, 3)),
        "delta_version": MetadataValue.int(result.version),
        "path": MetadataValue.path(path),
    }
