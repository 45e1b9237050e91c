"""What was updated, checked and observed, as Dagster's events."""

from typing import Any

from dagster import (
    AssetCheckEvaluation,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetMaterialization,
    AssetObservation,
    DataVersion,
    MaterializeResult,
    MetadataValue,
    ObserveResult,
)

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import quarantine_table
from fitness_assets.defs.asset_keys import folder_asset_key, table_asset_key, topic_asset_key
from fitness_assets.defs.asset_metadata import column_lineage, column_schema
from fitness_assets.kafka.lag import TopicLag
from fitness_assets.lakehouse import as_markdown
from fitness_assets.pipeline.quality.runbook import remedy_for
from fitness_assets.pipeline.result import CheckResult, UpdateResult

DATA_VERSION_TAG = "dagster/data_version"
"""The tag that Dagster itself gives an event's data version; an event that belongs to no step has no field for it."""

_LEFT_ALONE = 50
"""So many files are named."""

Metadata = dict[str, MetadataValue[Any]]


def materialize_result(table: Table, result: UpdateResult, path: str) -> MaterializeResult[None]:
    """The table's materialization in a run that asked for it."""
    return MaterializeResult(
        asset_key=table_asset_key(table.full_name),
        data_version=DataVersion(str(result.version)),
        metadata=_update_metadata(table, result, path),
    )


def asset_materialization(table: Table, result: UpdateResult, path: str) -> AssetMaterialization:
    """The same as an event of a run that asked for no table in particular."""
    return AssetMaterialization(
        asset_key=table_asset_key(table.full_name),
        metadata=_update_metadata(table, result, path),
        tags={DATA_VERSION_TAG: str(result.version)},
    )


def asset_check_result(table: Table, check: CheckResult) -> AssetCheckResult:
    """The result of a check in a run that asked for the table."""
    return AssetCheckResult(**_check_fields(table, check))


def asset_check_evaluation(table: Table, check: CheckResult) -> AssetCheckEvaluation:
    """The same as an event that belongs to no step."""
    return AssetCheckEvaluation(**_check_fields(table, check), blocking=check.blocking)


def folder_observation(folder_name: str, fingerprint: str) -> AssetObservation:
    """That something landed in a folder."""
    return AssetObservation(folder_asset_key(folder_name), tags={DATA_VERSION_TAG: fingerprint})


def folder_observe_result(folder_name: str, fingerprint: str) -> ObserveResult:
    """The same in a run that asked for it."""
    return ObserveResult(asset_key=folder_asset_key(folder_name), data_version=DataVersion(fingerprint))


def topic_observation(lag: TopicLag) -> AssetObservation:
    """What a topic holds, and how much of it is unread."""
    return AssetObservation(
        topic_asset_key(lag.topic), metadata=_lag_metadata(lag), tags={DATA_VERSION_TAG: str(lag.end_offset)}
    )


def topic_observe_result(lag: TopicLag) -> ObserveResult:
    """The same in a run that asked for it."""
    return ObserveResult(
        asset_key=topic_asset_key(lag.topic), metadata=_lag_metadata(lag), data_version=DataVersion(str(lag.end_offset))
    )


def _update_metadata(table: Table, result: UpdateResult, path: str) -> Metadata:
    metadata: Metadata = {
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
    if result.rejected is not None:
        metadata["refused_so_far"] = MetadataValue.int(result.rejected)
    if result.left_alone:
        metadata["left_alone"] = MetadataValue.md(
            as_markdown(list(result.left_alone.items())[:_LEFT_ALONE], ("file", "why it is not read"))
        )
        metadata["left_alone_files"] = MetadataValue.int(len(result.left_alone))
    if result.warnings:
        metadata["warnings"] = MetadataValue.md("\n".join(f"- {warning}" for warning in result.warnings))
    if table is quarantine_table():
        metadata["refused"] = MetadataValue.int(result.inserted)
    return metadata


def _check_fields(table: Table, check: CheckResult) -> dict[str, Any]:
    advice = {} if check.passed else {"what to do": remedy_for(check.name, table.full_name)}
    return {
        "asset_key": table_asset_key(table.full_name),
        "check_name": check.name,
        "passed": check.passed,
        "severity": AssetCheckSeverity.ERROR if check.blocking else AssetCheckSeverity.WARN,
        "description": check.description,
        "metadata": {
            name: MetadataValue.text(value) if isinstance(value, str) else MetadataValue.int(value)
            for name, value in (check.figures | advice).items()
        },
    }


def _lag_metadata(lag: TopicLag) -> Metadata:
    return {
        "lag": MetadataValue.int(lag.records),
        "waiting_seconds": MetadataValue.float(round(lag.age_seconds, 1)),
        "end_offsets": MetadataValue.int(lag.end_offset),
        "partitions": MetadataValue.int(lag.partitions),
    }
