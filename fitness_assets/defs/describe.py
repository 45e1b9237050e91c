"""A contract in Dagster's words: keys, descriptions, column schema, column lineage, tags."""

from datetime import timedelta

from dagster import (
    AssetKey,
    FreshnessPolicy,
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableSchema,
)

from fitness_assets.contracts.model import Layer, Table, UpdateStrategy

GROUPS = {Layer.BRONZE: "bronze", Layer.SILVER: "silver", Layer.GOLD: "gold"}


def key_of(full_name: str) -> AssetKey:
    """`silver_db.users` is the asset `silver_db/users`."""
    return AssetKey(full_name.split("."))


_HOW = {
    UpdateStrategy.APPEND: "Each complete file of the landing zone is appended once, and each record of the topics; "
    "nothing is dropped or changed.",
    UpdateStrategy.UPSERT: "New records are weighed against the row that is there, so that late, repeated and "
    "disordered records give the same rows.",
    UpdateStrategy.INCREMENTAL: "The rows that a change of a source touches are computed again and made equal in one "
    "MERGE: added, changed and removed.",
    UpdateStrategy.QUARANTINE: "Appended after every other table. Nothing here is lost: once a rule is mended, the "
    "records come in.",
}


def description(table: Table) -> str:
    """What a colleague who sees the table for the first time wants to know, as Markdown."""
    personal = [f"`{column.name}`" for column in table.all_columns if column.pii]
    said = [
        table.description,
        f"One row is {table.grain}." + (f" Its key is `{', '.join(table.key)}`." if table.key else ""),
        _HOW[table.strategy]
        + (" Ages also move on with the day, just after midnight UTC." if table.depends_on_date else ""),
    ]
    if personal:
        said.append(f"Personal data, masked in previews: {', '.join(personal)}.")
    return "\n\n".join(said)


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
            column.name: [_dependency(source) for source in column.lineage]
            for column in table.all_columns
            if column.lineage
        }
    )


def tags(table: Table) -> dict[str, str]:
    pii = sorted({column.pii.value for column in table.all_columns if column.pii})
    return {"layer": GROUPS[table.layer], "update": table.strategy.value} | {f"pii/{name}": "true" for name in pii}


def kinds(table: Table) -> set[str]:
    return {"deltalake", "spark", GROUPS[table.layer]}


def freshness(table: Table) -> FreshnessPolicy:
    """How old the last materialization may be: `user_bins` changes daily by itself, the others with what lands."""
    days = 1 if table.depends_on_date else 2
    return FreshnessPolicy.time_window(fail_window=timedelta(days=days + 1), warn_window=timedelta(days=days))


def _dependency(source: str) -> TableColumnDep:
    schema, table, column = source.split(".")
    return TableColumnDep(asset_key=AssetKey([schema, table]), column_name=column)
