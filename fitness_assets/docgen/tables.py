"""docs/tables.md: what each table is, for the people who read it."""

from collections.abc import Iterator

from fitness_assets.contracts.model import Column, Layer, Source, Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.docgen.markdown import markdown_table
from fitness_assets.pipeline.quality.checks import check_descriptions
from fitness_assets.pipeline.strategies import strategies_of

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
_LISTED = 12
"""So many values are named one by one."""


def render_tables_page() -> str:
    """The whole page."""
    sections = [line for table in _ordered_tables() for line in _section(table)]
    return "\n".join([_HEAD, *_index(), *sections]).rstrip() + "\n"


def _ordered_tables() -> list[Table]:
    return [table for layer in Layer for table in all_tables().values() if table.layer is layer]


def _index() -> Iterator[str]:
    rows = [(f"[`{table.full_name}`](#{_anchor(table.full_name)})", table.grain) for table in _ordered_tables()]
    yield markdown_table(("table", "one row is"), rows)
    yield ""


def _section(table: Table) -> Iterator[str]:
    if table is next(other for other in _ordered_tables() if other.layer is table.layer):
        yield f"## {_LAYERS[table.layer]}\n"
    yield f"### {table.full_name}\n"
    yield f"{table.description}\n"
    yield f"* One row is {table.grain}."
    yield f"* Key: {_code(table.key) or 'none; it holds records, not things'}."
    sources = ", ".join(_source(source) for source in table.sources) or "the landing zone"
    daily = "; and again each day, as people grow older" if table.depends_on_date else ""
    yield f"* Made from {sources}: {strategies_of(table)[0].SUMMARY}{daily}."
    yield f"* Owner: {table.owner.removeprefix('team:')}. Code version {table.code_version}.\n"
    rows = [_column(column) for column in table.columns]
    if table.audit_columns:
        rows += [("═══", "", "", "", ""), *(_column(column) for column in table.audit_columns)]
    yield markdown_table(("column", "type", "meaning", "personal data", "made from"), rows)
    yield ""
    checks = [(f"`{name}`", description) for name, description in check_descriptions(table).items()]
    yield markdown_table(("check", "what it holds to be true"), checks)
    yield ""


def _source(source: Source) -> str:
    topic = f" (topic `{source.topic}`)" if source.topic else ""
    return f"[`{source.table}`](#{_anchor(source.table)}){topic}"


def _column(column: Column) -> tuple[str, ...]:
    zone = ", UTC" if column.type == "timestamp" else ""
    always = "" if column.nullable else ", always there"
    lineage = _code(tuple(name.partition(".")[2] for name in column.lineage))
    personal = column.pii.value if column.pii else ""
    return (
        f"`{column.name}`",
        f"{column.type}{zone}{always}",
        f"{column.description}{_values(column)}",
        personal,
        lineage,
    )


def _values(column: Column) -> str:
    """What a column may hold, where that is a fixed list."""
    if not column.accepted_values:
        return ""
    return (
        f" One of {_code(column.accepted_values)}."
        if len(column.accepted_values) <= _LISTED
        else f" One of {len(column.accepted_values)} values."
    )


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _anchor(table_name: str) -> str:
    return table_name.replace(".", "")
