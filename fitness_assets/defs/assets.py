"""Every table an asset, made from its contract.

One step brings all selected tables up to date, each as soon as its sources are and several at once, on one
engine; every table still has its own materialization, checks and failure.
"""

from collections.abc import Iterator

from dagster import (
    AssetCheckResult,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    Config,
    Failure,
    MaterializeResult,
    multi_asset,
)
from pydantic import Field

from fitness_assets.contracts.feeds import KAFKA_RECORDS, TOPICS
from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.contracts.registry import all_tables
from fitness_assets.defs.code import code_references
from fitness_assets.defs.describe import (
    GROUPS,
    column_lineage,
    column_schema,
    description,
    freshness,
    key_of,
    kinds,
    tags,
)
from fitness_assets.defs.events import checked, materialized
from fitness_assets.defs.external import landing_key, topic_key
from fitness_assets.defs.updates import Updates, tell_trace
from fitness_assets.errors import FitnessError
from fitness_assets.pipeline.quality.checks import check_descriptions
from fitness_assets.pipeline.scheduler import outcome_problem
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
    return [_spec(table) for table in all_tables().values()]


def check_specs() -> list[AssetCheckSpec]:
    return [
        AssetCheckSpec(name, asset=key_of(table.full_name), description=said)
        for table in all_tables().values()
        for name, said in check_descriptions(table).items()
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
        updates = Updates(context, spark, lakehouse)
        chosen = [".".join(key.path) for key in context.selected_asset_keys]
        troubles: list[str] = []
        try:
            for outcome in updates.once(chosen, config.full_refresh):
                if outcome.result is not None:
                    context.log.info(outcome.result.line())
                    for told in outcome.result.told:
                        context.log.warning(told)
                    yield materialized(outcome.table, outcome.result, updates.address(outcome.table))
                    for check in outcome.checks:
                        yield checked(outcome.table, check)
                troubles += [found for found in [outcome_problem(outcome)] if found]
                tell_trace(context, outcome)
        except FitnessError as error:
            troubles.append(str(error))
        if troubles:
            raise Failure("\n".join(troubles), allow_retries=False)

    return update_tables


def _spec(table: Table) -> AssetSpec:
    return AssetSpec(
        key=key_of(table.full_name),
        deps=_upstream(table),
        description=description(table),
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
            "dagster/code_references": code_references(table),
        },
    )


def _upstream(table: Table) -> list[AssetKey]:
    upstream = [key_of(source.table) for source in table.sources]
    if table.strategy is UpdateStrategy.APPEND:
        upstream.append(landing_key(table.name))
    if table.full_name == KAFKA_RECORDS.table:
        upstream += [topic_key(topic) for topic in TOPICS]
    return upstream
