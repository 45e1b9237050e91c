"""What an update did, as Dagster's events."""

from typing import Any

from dagster import (
    AssetCheckEvaluation,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetMaterialization,
    DataVersion,
    MaterializeResult,
    MetadataValue,
)

from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.defs.describe import column_lineage, column_schema, key_of
from fitness_assets.pipeline.quality.checks import CheckResult
from fitness_assets.pipeline.quality.runbook import remedy_for
from fitness_assets.pipeline.result import UpdateResult

_DATA_VERSION = "dagster/data_version"
"""The tag that Dagster itself gives a materialization's data version."""


def materialized(table: Table, result: UpdateResult, path: str) -> MaterializeResult[None]:
    """The table's materialization in a run that asked for it."""
    return MaterializeResult(
        asset_key=key_of(table.full_name),
        data_version=DataVersion(str(result.version)),
        metadata=_metadata(table, result, path),
    )


def materialization(table: Table, result: UpdateResult, path: str) -> AssetMaterialization:
    """The same as an event of a run that asked for no table in particular."""
    return AssetMaterialization(
        asset_key=key_of(table.full_name),
        metadata=_metadata(table, result, path),
        tags={_DATA_VERSION: str(result.version)},
    )


def checked(table: Table, check: CheckResult) -> AssetCheckResult:
    return AssetCheckResult(**_check(table, check))


def evaluation(table: Table, check: CheckResult) -> AssetCheckEvaluation:
    """The same as an event that belongs to no step."""
    return AssetCheckEvaluation(**_check(table, check))


def _metadata(table: Table, result: UpdateResult, path: str) -> dict[str, MetadataValue[Any]]:
    figures: dict[str, MetadataValue[Any]] = {
        "dagster/row_count": MetadataValue.int(result.rows),
        "dagster/column_schema": MetadataValue.table_schema(column_schema(table)),
        "dagster/column_lineage": MetadataValue.column_lineage(column_lineage(table)),
        **{name: MetadataValue.md(text) for name, text in result.previews.items()},
        "update": MetadataValue.text(result.mode + (f": {result.reason}" if result.reason else "")),
        "read": MetadataValue.int(result.read),
        "inserted": MetadataValue.int(result.inserted),
        "updated": MetadataValue.int(result.updated),
        "deleted": MetadataValue.int(result.deleted),
        "seconds": MetadataValue.float(round(result.seconds, 3)),
        "delta_version": MetadataValue.int(result.version),
        "path": MetadataValue.path(path),
    }
    if result.refused is not None:
        figures["refused_so_far"] = MetadataValue.int(result.refused)
    if table.strategy is UpdateStrategy.QUARANTINE:
        figures["refused"] = MetadataValue.int(result.inserted)
    return figures


def _check(table: Table, check: CheckResult) -> dict[str, Any]:
    return {
        "asset_key": key_of(table.full_name),
        "check_name": check.name,
        "passed": check.passed,
        "severity": AssetCheckSeverity.ERROR if check.blocking else AssetCheckSeverity.WARN,
        "description": check.description,
        "metadata": {
            name: MetadataValue.text(v) if isinstance(v, str) else MetadataValue.int(v)
            for name, v in (check.figures | _advice(table, check)).items()
        },
    }


def _advice(table: Table, check: CheckResult) -> dict[str, int | str]:
    return {} if check.passed else {"what to do": remedy_for(check.name, table.full_name)}
