"""A contract in Dagster's words: description, column schema, column lineage, tags, freshness."""

from datetime import timedelta

from dagster import (
    FreshnessPolicy,
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableSchema,
)

from fitness_assets.contracts.model import Layer, Table
from fitness_assets.defs.asset_keys import table_asset_key
from fitness_assets.pipeline.strategies import strategies_of

GROUPS = {Layer.BRONZE: "bronze", Layer.SILVER: "silver", Layer.GOLD: "gold"}


def description(table: Table) -> str:
    """What a colleague who sees the table for the first time wants to know, as Markdown."""
    personal = [f"`{column.name}`" for column in table.all_columns if column.pii]
    paragraphs = [
        table.description,
        f"One row is {table.grain}." + (f" Its key is `{', '.join(table.key)}`." if table.key else ""),
        strategies_of(table)[0].DESCRIPTION
        + (" Ages also move on with the day, just after midnight UTC." if table.depends_on_date else ""),
    ]
    if personal:
        paragraphs.append(f"Personal data, masked in previews: {', '.join(personal)}.")
    return "\n\n".join(paragraphs)


def column_schema(table: Table) -> TableSchema:
    return TableSchema(
        columns=[
            TableColumn(
                name=column.name,
                type=column.type,
                description=column.description,
                constraints=TableColumnConstraints(nullable=column.nullable),
                tags={"pii": column.pii.value} if column.pii else None,
            )
            for column in table.all_columns
        ]
    )


def column_lineage(table: Table) -> TableColumnLineage:
    return TableColumnLineage(
        {
            column.name: [_column_dep(source_column) for source_column in column.lineage]
            for column in table.all_columns
            if column.lineage
        }
    )


def tags(table: Table) -> dict[str, str]:
    pii_classes = sorted({column.pii.value for column in table.all_columns if column.pii})
    return {"layer": GROUPS[table.layer], "update": table.strategy.value} | {
        f"pii/{name}": "true" for name in pii_classes
    }


def kinds(table: Table) -> set[str]:
    return {"deltalake", "spark", GROUPS[table.layer]}


def freshness_policy(table: Table) -> FreshnessPolicy:
    """How old the last materialization may be: `user_bins` changes daily by itself, the others with what lands."""
    days = 1 if table.depends_on_date else 2
    return FreshnessPolicy.time_window(fail_window=timedelta(days=days + 1), warn_window=timedelta(days=days))


def _column_dep(source_column: str) -> TableColumnDep:
    table_name, _, column_name = source_column.rpartition(".")
    return TableColumnDep(asset_key=table_asset_key(table_name), column_name=column_name)
