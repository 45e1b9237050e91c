"""Every table an asset, made from its contract.

One step brings all selected tables up to date, each as soon as its sources are and several at once, on one
engine; every table still has its own materialization, checks and failure.
"""

from collections.abc import Iterator

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    Config,
    DataVersion,
    Failure,
    MaterializeResult,
    MetadataValue,
    multi_asset,
)
from pydantic import Field

from fitness_assets.contracts.catalog import tables
from fitness_assets.contracts.landing import KAFKA_RECORDS, TOPICS
from fitness_assets.contracts.model import Kind, Table
from fitness_assets.defs.describe import GROUPS, column_lineage, column_schema, freshness, key_of, kinds, tags
from fitness_assets.defs.external import landing_key, topic_key
from fitness_assets.errors import FitnessError, in_words
from fitness_assets.pipeline.checks import CheckResult, described
from fitness_assets.pipeline.result import UpdateResult
from fitness_assets.pipeline.run import Outcome, bring_up_to_date
from fitness_assets.resources.platform import LakehouseResource, SparkResource

ONE_WRITER = "lakehouse"
"""The pool that lets one run at a time write tables."""


class UpdateConfig(Config):
    """How the selected tables are brought up to date in this run."""

    full_refresh: bool = Field(
        default=False,
        description="Compute the selected tables whole and make them equal; bronze tables are loaded anew.",
    )


def asset_specs() -> list[AssetSpec]:
    return [_spec(table) for table in tables().values()]


def check_specs() -> list[AssetCheckSpec]:
    return [
        AssetCheckSpec(name, asset=key_of(table.full_name), description=description)
        for table in tables().values()
        for name, description in described(table).items()
    ]


def table_assets() -> AssetsDefinition:
    """All tables as one definition of which any part can be materialized."""

    @multi_asset(
        name="update_tables",
        specs=asset_specs(),
        check_specs=check_specs(),
        can_subset=True,
        pool=ONE_WRITER,
        description="Brings the selected tables up to date, sources first, and checks them.",
    )
    def update_tables(
        context: AssetExecutionContext, config: UpdateConfig, spark: SparkResource, lakehouse: LakehouseResource
    ) -> Iterator[MaterializeResult[None] | AssetCheckResult]:
        lake = lakehouse.lakehouse()
        chosen = [".".join(key.path) for key in context.selected_asset_keys]
        troubles: list[str] = []
        for outcome in bring_up_to_date(lake, chosen, spark.session, config.full_refresh):
            if outcome.result is not None:
                context.log.info(outcome.result.line())
                for told in outcome.result.told:
                    context.log.warning(told)
                yield _materialized(outcome.table, outcome.result, str(lake.path(outcome.table)))
                for check in outcome.checks:
                    yield _checked(outcome.table, check)
            troubles += [trouble for trouble in [_trouble(outcome)] if trouble]
            if outcome.error is not None and not isinstance(outcome.error, FitnessError):
                context.log.error(f"{outcome.table.full_name} failed.", exc_info=outcome.error)
        if troubles:
            raise Failure("\n".join(troubles), allow_retries=False)

    return update_tables


def _spec(table: Table) -> AssetSpec:
    return AssetSpec(
        key=key_of(table.full_name),
        deps=_upstream(table),
        description=f"{table.description}\n\nOne row is {table.grain}.",
        group_name=GROUPS[table.layer],
        kinds=kinds(table),
        owners=[table.owner],
        tags=tags(table),
        code_version=table.code_version,
        freshness_policy=freshness(table),
        metadata={
            "dagster/table_name": table.full_name,
            "dagster/column_schema": column_schema(table),
            "dagster/column_lineage": column_lineage(table),
            "key": ", ".join(table.key) or "none",
        },
    )


def _upstream(table: Table) -> list[AssetKey]:
    upstream = [key_of(source.table) for source in table.sources]
    if table.kind is Kind.LANDED:
        upstream.append(landing_key(table.name))
    if table.full_name == KAFKA_RECORDS.table:
        upstream += [topic_key(topic) for topic in TOPICS]
    return upstream


def _materialized(table: Table, result: UpdateResult, path: str) -> MaterializeResult[None]:
    return MaterializeResult(
        asset_key=key_of(table.full_name),
        data_version=DataVersion(str(result.version)),
        metadata={
            "dagster/row_count": MetadataValue.int(result.rows),
            "dagster/column_schema": MetadataValue.table_schema(column_schema(table)),
            "dagster/column_lineage": MetadataValue.column_lineage(column_lineage(table)),
            "update": MetadataValue.text(result.mode + (f": {result.reason}" if result.reason else "")),
            "read": MetadataValue.int(result.read),
            "inserted": MetadataValue.int(result.inserted),
            "updated": MetadataValue.int(result.updated),
            "deleted": MetadataValue.int(result.deleted),
            "seconds": MetadataValue.float(round(result.seconds, 3)),
            "delta_version": MetadataValue.int(result.version),
            "path": MetadataValue.path(path),
        }
        | ({"refused": MetadataValue.int(result.inserted)} if table.kind is Kind.REFUSED else {}),
    )


def _checked(table: Table, check: CheckResult) -> AssetCheckResult:
    return AssetCheckResult(
        asset_key=key_of(table.full_name),
        check_name=check.name,
        passed=check.passed,
        severity=AssetCheckSeverity.ERROR if check.blocking else AssetCheckSeverity.WARN,
        description=check.description,
        metadata=check.figures,
    )


def _trouble(outcome: Outcome) -> str | None:
    name = outcome.table.full_name
    if outcome.error is not None:
        return f"{name} was not updated: {in_words(outcome.error)}"
    if outcome.held_back_by:
        return f"{name} was held back, so that nothing wrong flows into it from {outcome.held_back_by}."
    wrong = [f"{one.name} ({one.description} {one.figures})" for one in outcome.checks if not one.good]
    if wrong:
        return f"{name} did not pass {'; '.join(wrong)}"
    trouble = outcome.result.trouble if outcome.result else ""
    return f"{name} does not have all yet: {trouble}" if trouble else None
