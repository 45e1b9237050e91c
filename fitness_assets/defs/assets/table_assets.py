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

from fitness_assets.contracts.feeds import FILE_FEEDS, KAFKA_RECORDS, TOPICS
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.defs.asset_keys import folder_asset_key, table_asset_key, table_name_of, topic_asset_key
from fitness_assets.defs.asset_metadata import (
    GROUPS,
    column_lineage,
    column_schema,
    description,
    freshness_policy,
    kinds,
    tags,
)
from fitness_assets.defs.assets.code_references import code_references
from fitness_assets.defs.events import asset_check_result, asset_materialization, materialize_result
from fitness_assets.defs.retention.nothing_new import note_nothing_new
from fitness_assets.defs.updaters.updater import log_traceback, table_updater
from fitness_assets.errors import FitnessError
from fitness_assets.pipeline.quality.checks import check_descriptions, is_blocking
from fitness_assets.pipeline.scheduler import outcome_problem
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource

WRITE_POOL = "lakehouse"
"""The pool that lets one run at a time write tables."""
UPDATE_STEP = "update_tables"
"""The step that brings tables up to date."""


class UpdateConfig(Config):
    """How the selected tables are brought up to date in this run."""

    full_refresh: bool = Field(
        default=False,
        description="Compute the selected tables whole and make them equal; bronze tables are loaded anew.",
    )
    judge_again: bool = Field(
        default=False,
        description="Judge every record of the selected bronze tables again by the rules as they are now.",
    )


def table_assets(code_url: str | None = None) -> AssetsDefinition:
    """All tables as one definition of which any part can be materialized.

    Args:
        code_url: where the checkout can be read on the web; None for links to the files of this machine.
    """

    @multi_asset(
        name=UPDATE_STEP,
        specs=[_table_spec(table, code_url) for table in all_tables().values()],
        check_specs=_check_specs(),
        can_subset=True,
        pool=WRITE_POOL,
        description="Brings the selected tables up to date, sources first, and checks them.",
    )
    def update_tables(
        context: AssetExecutionContext, config: UpdateConfig, spark: SparkResource, lakehouse: LakehouseResource
    ) -> Iterator[MaterializeResult[None] | AssetCheckResult]:
        table_names = [table_name_of(key) for key in context.selected_asset_keys]
        problems: dict[str, str] = {}
        reported: set[str] = set()
        is_nothing_new = True
        try:
            updater = table_updater(context, spark, lakehouse)
            for outcome in updater.update(table_names, config.full_refresh, config.judge_again):
                if outcome.result is not None:
                    context.log.info(outcome.result.line())
                    for warning in outcome.result.warnings:
                        context.log.warning(warning)
                    location = updater.location(outcome.table)
                    if outcome.table.full_name in reported:
                        # A task that a workspace ran again reports all of its tables; a step yields each of them once.
                        context.log_event(asset_materialization(outcome.table, outcome.result, location))
                    else:
                        reported.add(outcome.table.full_name)
                        yield materialize_result(outcome.table, outcome.result, location)
                        for check in outcome.checks:
                            yield asset_check_result(outcome.table, check)
                # What a table is reported as last counts.
                problems[outcome.table.full_name] = outcome_problem(outcome) or ""
                log_traceback(context, outcome)
                is_nothing_new &= outcome.found_nothing_new
        except FitnessError as error:
            problems[""] = str(error)
        if any(problems.values()):
            raise Failure("\n".join(filter(None, problems.values())), allow_retries=False)
        if is_nothing_new:
            note_nothing_new(context)

    return update_tables


def _table_spec(table: Table, code_url: str | None) -> AssetSpec:
    return AssetSpec(
        key=table_asset_key(table.full_name),
        deps=_upstream_keys(table),
        description=description(table),
        group_name=GROUPS[table.layer],
        kinds=kinds(table),
        owners=[table.owner],
        tags=tags(table),
        code_version=table.code_version,
        freshness_policy=freshness_policy(table),
        metadata={
            "dagster/table_name": table.full_name,
            "dagster/column_schema": column_schema(table),
            "dagster/column_lineage": column_lineage(table),
            "key": ", ".join(table.key) or "none",
            "dagster/code_references": code_references(table, code_url),
        },
    )


def _check_specs() -> list[AssetCheckSpec]:
    return [
        AssetCheckSpec(
            check_name,
            asset=table_asset_key(table.full_name),
            description=check_description,
            blocking=is_blocking(table, check_name),
        )
        for table in all_tables().values()
        for check_name, check_description in check_descriptions(table).items()
    ]


def _upstream_keys(table: Table) -> list[AssetKey]:
    keys = [table_asset_key(source.table) for source in table.sources]
    if table.full_name in FILE_FEEDS:
        keys.append(folder_asset_key(table.name))
    if table.full_name == KAFKA_RECORDS.table:
        keys += [topic_asset_key(topic) for topic in TOPICS]
    return keys
