"""docs/tables.md: what each table is, for the people who read it."""

from collections.abc import Iterator

from fitness_assets.contracts.model import Column, Layer, Table, UpdateStrategy
from fitness_assets.contracts.registry import all_tables
from fitness_assets.pipeline.quality.checks import check_descriptions

_HEAD = """# The tables

Written from the contracts by `fitness-assets document`; do not edit it. All times are UTC. A table lies in
`<base>/data_zone/<schema>/<table>` and is read by any Delta reader; on Databricks it is
`<environment>.<schema>.<table>`. Columns below the double line are technical and may change; the others are public.
Personal data has a class: **identity** (who someone is), **contact** (where they live) or **health**.
"""
_LAYERS = {
    Layer.BRONZE: "Bronze: every record that landed, exactly once",
    Layer.SILVER: "Silver: one row a thing, whatever order the records came in",
    Layer.GOLD: "Gold: ready to be looked at",
}
_KINDS = {
    UpdateStrategy.APPEND: "appended as files and records land",
    UpdateStrategy.UPSERT: "new records weighed against the row that is there",
    UpdateStrategy.INCREMENTAL: "the rows that a change touches computed again",
    UpdateStrategy.QUARANTINE: "appended after all other tables",
}


def tables_page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_index(), *(line for one in _in_order() for line in _section(one))]).rstrip() + "\n"


def _in_order() -> list[Table]:
    return [one for layer in Layer for one in all_tables().values() if one.layer is layer]


def _index() -> Iterator[str]:
    yield "| table | one row is |"
    yield "|---|---|"
    for one in _in_order():
        yield f"| [`{one.full_name}`](#{_anchor(one)}) | {one.grain} |"
    yield ""


def _section(table: Table) -> Iterator[str]:
    if table is next(one for one in _in_order() if one.layer is table.layer):
        yield f"## {_LAYERS[table.layer]}\n"
    yield f"### {table.full_name}\n"
    yield f"{table.description}\n"
    yield f"* One row is {table.grain}."
    yield f"* Key: {_code(table.key) or 'none; it holds records, not things'}."
    made = ", ".join(f"[`{s.table}`](#{s.table.replace('.', '')})" + _topic(s.topic) for s in table.sources)
    yield f"* Made from {made or 'the landing zone'}: {_KINDS[table.strategy]}" + (
        "; and again each day, as people grow older." if table.depends_on_date else "."
    )
    yield f"* Owner: {table.owner.removeprefix('team:')}. Code version {table.code_version}.\n"
    yield "| column | type | meaning | personal data | made from |"
    yield "|---|---|---|---|---|"
    for column in table.columns:
        yield _row(column)
    if table.audit_columns:
        yield "| ═══ | | | | |"
    for column in table.audit_columns:
        yield _row(column)
    yield ""
    yield "| check | what it holds to be true |"
    yield "|---|---|"
    for name, said in check_descriptions(table).items():
        yield f"| `{name}` | {said} |"
    yield ""


def _row(column: Column) -> str:
    kind = column.type + (", UTC" if column.type == "timestamp" else "") + ("" if column.nullable else ", always there")
    allowed = f" One of {_code(column.accepted_values)}." if 0 < len(column.accepted_values) <= 12 else ""
    more = f" One of {len(column.accepted_values)} values." if len(column.accepted_values) > 12 else ""
    personal = column.pii.value if column.pii else ""
    return f"| `{column.name}` | {kind} | {column.description}{allowed}{more} | {personal} | {_lineage(column)} |"


def _lineage(column: Column) -> str:
    return _code(tuple(name.partition(".")[2] for name in column.lineage))


def _topic(topic: str | None) -> str:
    return f" (topic `{topic}`)" if topic else ""


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _anchor(table: Table) -> str:
    return table.full_name.replace(".", "")
