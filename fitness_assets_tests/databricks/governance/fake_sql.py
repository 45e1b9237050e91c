"""The SQL that governance sends, taken apart and checked as a warehouse would."""

import re
from collections.abc import Callable
from typing import Any

from fitness_assets_tests.databricks.governance.fake_catalog import FakeCatalog, invalid, not_found, unquoted

NAME = r"((?:`(?:[^`]|``)+`\.?)+)"
TEXT = r"'((?:[^'\\]|\\.)*)'"
TYPE = r"([A-Z]+)"
Rows = list[list[str]]


def run(catalog: FakeCatalog, statement: str) -> Rows:
    """Run one statement; it raises what the warehouse would answer."""
    for pattern, execute in _STATEMENTS:
        match = re.fullmatch(pattern, statement, re.DOTALL)
        if match:
            return execute(catalog, *match.groups()) or []
    raise invalid(f"[PARSE_SYNTAX_ERROR] Syntax error at or near: {statement}")


def _unescaped(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted)


def _create_function(
    catalog: FakeCatalog, name: str, parameter: str, parameter_type: str, return_type: str, comment: str, body: str
) -> None:
    if body.count("(") != body.count(")") or re.search(r"\bselect\b", body, re.IGNORECASE):
        raise invalid("A mask or filter is one expression without a subquery.")
    full_name = unquoted(name)
    if full_name.rpartition(".")[0] not in catalog.securables:
        raise not_found(f"the schema of {full_name}")
    if full_name not in catalog.securables:
        catalog.create("function", full_name)
    function = catalog.get_owned("function", full_name)
    function.function = {
        "parameter": parameter,
        "parameter_type": parameter_type,
        "return_type": return_type,
        "body": body,
    }
    function.comment = _unescaped(comment)


def _create_view(catalog: FakeCatalog, name: str, comment: str, query: str) -> None:
    for source in re.findall(r"`[^`]+`\.`[^`]+`\.`[^`]+`", query):
        if unquoted(source) not in catalog.securables:
            raise not_found(f"[TABLE_OR_VIEW_NOT_FOUND] or [UNRESOLVED_ROUTINE] {source}")
    for function, column in re.findall(r"(`[^`]+`\.`governance`\.`[^`]+`)\((?:\w\.)?`?(\w+)`?\)", query):
        _require_parameter_type(catalog, unquoted(function), column, query)
    full_name = unquoted(name)
    if full_name not in catalog.securables:
        catalog.create("table", full_name)
    view = catalog.get_owned("table", full_name)
    view.view, view.comment = query, _unescaped(comment)


def _require_parameter_type(catalog: FakeCatalog, function: str, column_name: str, query: str) -> None:
    """A mask or filter takes the very type of its column, as another is cast without a word."""
    source = unquoted(re.findall(r"FROM (`[^`]+`\.`[^`]+`\.`[^`]+`)", query)[0])
    column = catalog.securables[source].columns.get(column_name)
    if column is None or catalog.get("function", function).function["parameter_type"] != column["type"].upper():
        raise invalid(f"{function} does not take {column_name} of {source}.")


def _set_comment(catalog: FakeCatalog, securable_type: str, name: str, comment: str) -> None:
    securable = catalog.get_owned(securable_type.lower(), unquoted(name))
    securable.comment = _unescaped(comment) if catalog.keeps_comments else securable.comment


def _column(catalog: FakeCatalog, name: str, column: str) -> dict[str, Any]:
    table = catalog.get_owned("table", unquoted(name))
    if table.view is not None or column not in table.columns:
        raise invalid(f"[UNRESOLVED_COLUMN] {column} is no column of a table {name}.")
    return table.columns[column]


def _set_column_comment(catalog: FakeCatalog, name: str, column: str, comment: str) -> None:
    _column(catalog, name, column)["comment"] = _unescaped(comment)


def _set_column_tag(catalog: FakeCatalog, name: str, column: str, tag: str, value: str) -> None:
    _column(catalog, name, column).setdefault("tags", {})[_unescaped(tag)] = _unescaped(value)


def _unset_column_tag(catalog: FakeCatalog, name: str, column: str, tag: str) -> None:
    _column(catalog, name, column).get("tags", {}).pop(_unescaped(tag), None)


def _set_tag(catalog: FakeCatalog, keyword: str, name: str, tag: str, value: str) -> None:
    table = catalog.get_owned("table", unquoted(name))
    if (keyword == "VIEW") != (table.view is not None):
        raise invalid(f"[EXPECT_{'TABLE_NOT_VIEW' if keyword == 'TABLE' else 'VIEW_NOT_TABLE'}] {name}")
    table.tags[_unescaped(tag)] = _unescaped(value)


def _unset_tag(catalog: FakeCatalog, keyword: str, name: str, tag: str) -> None:
    catalog.get_owned("table", unquoted(name)).tags.pop(_unescaped(tag), None)


def _drop_mask(catalog: FakeCatalog, name: str, column: str) -> None:
    _column(catalog, name, column).pop("mask", None)


def _drop_row_filter(catalog: FakeCatalog, name: str) -> None:
    catalog.get_owned("table", unquoted(name)).row_filter = None


def _select_table_tags(catalog: FakeCatalog, catalog_name: str, tag_names: str) -> Rows:
    selected, rows = re.findall(TEXT, tag_names), []
    for name, securable in catalog.securables.items():
        if securable.type == "table" and name.startswith(f"{catalog_name}."):
            schema, table = name.split(".")[1:]
            rows += [[schema, table, "", tag, value] for tag, value in securable.tags.items() if tag in selected]
    return rows


def _select_column_tags(catalog: FakeCatalog, catalog_name: str, tag_names: str) -> Rows:
    selected, rows = re.findall(TEXT, tag_names), []
    for name, securable in catalog.securables.items():
        if securable.type == "table" and name.startswith(f"{catalog_name}."):
            schema, table = name.split(".")[1:]
            for column_name, column in securable.columns.items():
                tags = column.get("tags", {}).items()
                rows += [[schema, table, column_name, tag, value] for tag, value in tags if tag in selected]
    return rows


_INFORMATION_SCHEMA = r"SELECT schema_name, table_name, {}, tag_name, tag_value FROM `(\w+)`\.information_schema\.{} "
_STATEMENTS: list[tuple[str, Callable[..., Rows | None]]] = [
    (
        rf"CREATE OR REPLACE FUNCTION {NAME}\(`(\w+)` {TYPE}\) RETURNS {TYPE} COMMENT {TEXT} RETURN (.+)",
        _create_function,
    ),
    (rf"CREATE OR REPLACE VIEW {NAME} COMMENT {TEXT} AS (.+)", _create_view),
    (rf"COMMENT ON (CATALOG|SCHEMA|TABLE|VOLUME) {NAME} IS {TEXT}", _set_comment),
    (rf"ALTER TABLE {NAME} ALTER COLUMN `(\w+)` COMMENT {TEXT}", _set_column_comment),
    (rf"ALTER TABLE {NAME} ALTER COLUMN `(\w+)` SET TAGS \({TEXT} = {TEXT}\)", _set_column_tag),
    (rf"ALTER TABLE {NAME} ALTER COLUMN `(\w+)` UNSET TAGS \({TEXT}\)", _unset_column_tag),
    (rf"ALTER (TABLE|VIEW) {NAME} SET TAGS \({TEXT} = {TEXT}\)", _set_tag),
    (rf"ALTER (TABLE|VIEW) {NAME} UNSET TAGS \({TEXT}\)", _unset_tag),
    (rf"ALTER TABLE {NAME} ALTER COLUMN `(\w+)` DROP MASK", _drop_mask),
    (rf"ALTER TABLE {NAME} DROP ROW FILTER", _drop_row_filter),
    (_INFORMATION_SCHEMA.format("''", "table_tags") + r"WHERE tag_name IN \((.+)\)", _select_table_tags),
    (_INFORMATION_SCHEMA.format("column_name", "column_tags") + r"WHERE tag_name IN \((.+)\)", _select_column_tags),
]
