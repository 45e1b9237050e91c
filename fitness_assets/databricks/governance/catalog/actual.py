"""The catalog as it is, as far as it is ours."""

import json
from dataclasses import dataclass, field

from databricks.sdk.service.catalog import TableInfo

from fitness_assets.databricks.changes import PRESENT, Aspect, Fact
from fitness_assets.databricks.client import Client, get_or_none
from fitness_assets.databricks.governance.catalog.desired import TAGS, DesiredCatalog, grant_fact
from fitness_assets.databricks.governance.securables.grants import direct_privileges
from fitness_assets.databricks.governance.securables.keys import actual_key_facts
from fitness_assets.databricks.governance.securables.privileges import Grant, Securable
from fitness_assets.databricks.governance.securables.quoting import quote_string
from fitness_assets.databricks.governance.securables.sql_text import as_declared
from fitness_assets.databricks.sql_warehouse import SqlWarehouse


@dataclass(frozen=True)
class ActualCatalog:
    """What is there.

    Attributes:
        securables: those of the desired ones that exist.
        missing: desired tables that the pipeline has not made yet.
        undeclared: tables in our schemas that nobody declared.
    """

    facts: dict[Fact, str] = field(default_factory=dict)
    securables: list[Securable] = field(default_factory=list)
    missing: list[Securable] = field(default_factory=list)
    undeclared: list[str] = field(default_factory=list)


def read_actual_catalog(client: Client, warehouse: SqlWarehouse, desired: DesiredCatalog) -> ActualCatalog:
    """Read all that is ours; it changes nothing."""
    actual = ActualCatalog()
    catalog = get_or_none(lambda: client.catalogs.get(desired.catalog.name))
    if catalog is None:
        actual.missing.extend(desired.tables)
        return actual
    _add_container(actual, desired.catalog, catalog.comment, catalog.owner)
    optimization = Fact(Aspect.PREDICTIVE_OPTIMIZATION, str(desired.catalog))
    if optimization in desired.facts and catalog.enable_predictive_optimization:
        actual.facts[optimization] = catalog.enable_predictive_optimization.value
    for securable in desired.schemas:
        schema = get_or_none(lambda: client.schemas.get(securable.name))  # noqa: B023  called at once
        if schema is not None:
            _add_container(actual, securable, schema.comment, schema.owner)
    for securable in desired.volumes:
        volume = get_or_none(lambda: client.volumes.read(securable.name))  # noqa: B023  called at once
        if volume is not None:
            _add_container(actual, securable, volume.comment, volume.owner)
    for securable in desired.functions:
        function = get_or_none(lambda: client.functions.get(securable.name))  # noqa: B023  called at once
        if function is not None:
            actual.securables.append(securable)
            fact = Fact(Aspect.FUNCTION, str(securable))
            actual.facts[fact] = as_declared(function.routine_definition or "", desired.facts[fact])
            actual.facts[Fact(Aspect.OWNER, str(securable))] = function.owner or ""
    _add_tables_and_views(client, desired, actual)
    _add_clustering(warehouse, desired, actual)
    _add_tags(warehouse, desired, actual)
    for securable in actual.securables:
        for principal, privilege in direct_privileges(client, securable):
            actual.facts[grant_fact(Grant(securable, principal, privilege))] = PRESENT
    return actual


def _add_container(actual: ActualCatalog, securable: Securable, comment: str | None, owner: str | None) -> None:
    """Add a catalog, schema or volume."""
    actual.securables.append(securable)
    actual.facts[Fact(Aspect.EXISTS, str(securable))] = PRESENT
    if comment:
        actual.facts[Fact(Aspect.COMMENT, str(securable))] = comment
    actual.facts[Fact(Aspect.OWNER, str(securable))] = owner or ""


def _add_tables_and_views(client: Client, desired: DesiredCatalog, actual: ActualCatalog) -> None:
    existing: set[str] = set()
    for schema in desired.schemas:
        if schema in actual.securables:
            catalog_name, schema_name = schema.name.split(".")
            listed = client.tables.list(catalog_name, schema_name, max_results=0, omit_columns=True)
            existing |= {info.full_name for info in listed if info.full_name}
    for securable in desired.tables:
        if securable.name in existing:
            actual.securables.append(securable)
            actual.facts.update(_table_facts(securable, client.tables.get(securable.name)))
        else:
            actual.missing.append(securable)
    for securable in desired.views:
        if securable.name in existing:
            info = client.tables.get(securable.name)
            actual.securables.append(securable)
            fact = Fact(Aspect.VIEW, str(securable))
            actual.facts[fact] = as_declared(info.view_definition or "", desired.facts[fact])
            if info.comment:
                actual.facts[Fact(Aspect.COMMENT, str(securable))] = info.comment
            actual.facts[Fact(Aspect.OWNER, str(securable))] = info.owner or ""
    actual.undeclared.extend(sorted(existing - {securable.name for securable in (*desired.tables, *desired.views)}))


def _table_facts(securable: Securable, info: TableInfo) -> dict[Fact, str]:
    subject = str(securable)
    facts = {Fact(Aspect.OWNER, subject): info.owner or "", **actual_key_facts(securable, info)}
    if info.comment:
        facts[Fact(Aspect.COMMENT, subject)] = info.comment
    if info.row_filter:
        facts[Fact(Aspect.FILTER, subject)] = info.row_filter.function_name
    for column in info.columns or []:
        name = column.name or ""
        if column.comment:
            facts[Fact(Aspect.COMMENT, subject, (name,))] = column.comment
        if column.mask:
            facts[Fact(Aspect.MASK, subject, (name,))] = column.mask.function_name or ""
    return facts


def _add_clustering(warehouse: SqlWarehouse, desired: DesiredCatalog, actual: ActualCatalog) -> None:
    """How tables are clustered that shall be; that of others is not ours."""
    for securable in desired.tables:
        fact = Fact(Aspect.CLUSTERING, str(securable))
        if fact in desired.facts and securable in actual.securables:
            for detail in warehouse.fetch_by_name(f"DESCRIBE DETAIL {securable.sql}"):
                columns = json.loads(detail.get("clusteringColumns") or "[]")
                actual.facts.update({fact: ", ".join(columns)} if columns else {})


def _add_tags(warehouse: SqlWarehouse, desired: DesiredCatalog, actual: ActualCatalog) -> None:
    """Tags are in no REST answer of this SDK, only in the information schema."""
    information_schema = f"{desired.catalog.sql}.information_schema"
    securables = {securable.name: securable for securable in (*desired.tables, *desired.views)}
    tags = ", ".join(quote_string(tag) for tag in TAGS)
    for source, column_expression in (("table_tags", "''"), ("column_tags", "column_name")):
        query = (
            f"SELECT schema_name, table_name, {column_expression}, tag_name, tag_value "
            f"FROM {information_schema}.{source} WHERE tag_name IN ({tags})"
        )
        for schema_name, table_name, column_name, tag, value in warehouse.fetch(query):
            securable = securables.get(f"{desired.catalog.name}.{schema_name}.{table_name}")
            if securable in actual.securables:
                detail = tuple(part for part in (column_name, tag) if part)
                actual.facts[Fact(Aspect.TAG, str(securable), detail)] = value or ""
