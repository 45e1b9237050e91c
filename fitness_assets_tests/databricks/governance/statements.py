"""The SQL that governance sends, taken apart and checked as a warehouse would."""

import re
from collections.abc import Callable
from typing import Any

from fitness_assets_tests.databricks.governance.unity import Unity, bad, missing, unquoted

NAME = r"((?:`(?:[^`]|``)+`\.?)+)"
TEXT = r"'((?:[^'\\]|\\.)*)'"
TYPE = r"([A-Z]+)"
Rows = list[list[str]]


def run(unity: Unity, statement: str) -> Rows:
    """Run one statement; it raises what the warehouse would answer."""
    for pattern, do in _STATEMENTS:
        found = re.fullmatch(pattern, statement, re.DOTALL)
        if found:
            return do(unity, *found.groups()) or []
    raise bad(f"[PARSE_SYNTAX_ERROR] Syntax error at or near: {statement}")


def _text(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted)


def _function(unity: Unity, name: str, parameter: str, takes: str, returns: str, comment: str, body: str) -> None:
    if body.count("(") != body.count(")") or re.search(r"\bselect\b", body, re.IGNORECASE):
        raise bad("A mask or filter is one expression without a subquery.")
    full = unquoted(name)
    if full.rpartition(".")[0] not in unity.things:
        raise missing(f"the schema of {full}")
    if full not in unity.things:
        unity.create("function", full)
    function = {"parameter": parameter, "takes": takes, "returns": returns, "body": body}
    thing = unity.mine("function", full)
    thing.function, thing.comment = function, _text(comment)


def _view(unity: Unity, name: str, comment: str, query: str) -> None:
    for source in re.findall(r"`[^`]+`\.`[^`]+`\.`[^`]+`", query):
        if unquoted(source) not in unity.things:
            raise missing(f"[TABLE_OR_VIEW_NOT_FOUND] or [UNRESOLVED_ROUTINE] {source}")
    for function, column in re.findall(r"(`[^`]+`\.`governance`\.`[^`]+`)\((?:\w\.)?`?(\w+)`?\)", query):
        _check_type(unity, unquoted(function), column, query)
    full = unquoted(name)
    if full not in unity.things:
        unity.create("table", full)
    thing = unity.mine("table", full)
    thing.view, thing.comment = query, _text(comment)


def _check_type(unity: Unity, function: str, column: str, query: str) -> None:
    """A mask or filter takes the very type of its column, as another is cast without a word."""
    source = unquoted(re.findall(r"FROM (`[^`]+`\.`[^`]+`\.`[^`]+`)", query)[0])
    there = unity.things[source].columns.get(column)
    if there is None or unity.get("function", function).function["takes"] != there["type"].upper():
        raise bad(f"{function} does not take {column} of {source}.")


def _comment(unity: Unity, kind: str, name: str, comment: str) -> None:
    thing = unity.mine(kind.lower(), unquoted(name))
    thing.comment = thing.comment if unity.forgets_comments else _text(comment)


def _column(unity: Unity, name: str, column: str) -> dict[str, Any]:
    thing = unity.mine("table", unquoted(name))
    if thing.view is not None or column not in thing.columns:
        raise bad(f"[UNRESOLVED_COLUMN] {column} is no column of a table {name}.")
    return thing.columns[column]


def _column_comment(unity: Unity, name: str, column: str, comment: str) -> None:
    _column(unity, name, column)["comment"] = _text(comment)


def _column_tag(unity: Unity, name: str, column: str, tag: str, value: str) -> None:
    _column(unity, name, column).setdefault("tags", {})[_text(tag)] = _text(value)


def _column_untag(unity: Unity, name: str, column: str, tag: str) -> None:
    _column(unity, name, column).get("tags", {}).pop(_text(tag), None)


def _tag(unity: Unity, kind: str, name: str, tag: str, value: str) -> None:
    thing = unity.mine("table", unquoted(name))
    if (kind == "VIEW") != (thing.view is not None):
        raise bad(f"[EXPECT_{'TABLE_NOT_VIEW' if kind == 'TABLE' else 'VIEW_NOT_TABLE'}] {name}")
    thing.tags[_text(tag)] = _text(value)


def _untag(unity: Unity, kind: str, name: str, tag: str) -> None:
    unity.mine("table", unquoted(name)).tags.pop(_text(tag), None)


def _unmask(unity: Unity, name: str, column: str) -> None:
    _column(unity, name, column).pop("mask", None)


def _unfilter(unity: Unity, name: str) -> None:
    unity.mine("table", unquoted(name)).row_filter = None


def _tags(unity: Unity, catalog: str, names: str) -> Rows:
    wanted, rows = re.findall(TEXT, names), []
    for name, thing in unity.things.items():
        if thing.kind == "table" and name.startswith(f"{catalog}."):
            schema, table = name.split(".")[1:]
            rows += [[schema, table, "", tag, value] for tag, value in thing.tags.items() if tag in wanted]
    return rows


def _column_tags(unity: Unity, catalog: str, names: str) -> Rows:
    wanted, rows = re.findall(TEXT, names), []
    for name, thing in unity.things.items():
        if thing.kind == "table" and name.startswith(f"{catalog}."):
            schema, table = name.split(".")[1:]
            for column, there in thing.columns.items():
                tags = there.get("tags", {}).items()
                rows += [[schema, table, column, tag, value] for tag, value in tags if tag in wanted]
    return rows


_INFORMATION = r"SELECT schema_name, table_name, {}, tag_name, tag_value FROM `(\w+)`\.information_schema\.{} "
_STATEMENTS: list[tuple[str, Callable[..., Rows | None]]] = [
    (rf"CREATE OR REPLACE FUNCTION {NAME}\(`(\w+)` {TYPE}\) RETURNS {TYPE} COMMENT {TEXT} RETURN (.+)", _function),
    (rf"CREATE OR REPLACE VIEW {NAME} COMMENT {TEXT} AS (.+)", _view),
    (rf"COMMENT ON (CATALOG|SCHEMA|TABLE|VOLUME) {NAME} IS {TEXT}", _comment),
    (rf"ALTER TABLE {NAME} ALTER COLUMN `(\w+)` COMMENT {TEXT}", _column_comment),
    (rf"ALTER TABLE {NAME} ALTER COLUMN `(\w+)` SET TAGS \({TEXT} = {TEXT}\)", _column_tag),
    (rf"ALTER TABLE {NAME} ALTER COLUMN `(\w+)` UNSET TAGS \({TEXT}\)", _column_untag),
    (rf"ALTER (TABLE|VIEW) {NAME} SET TAGS \({TEXT} = {TEXT}\)", _tag),
    (rf"ALTER (TABLE|VIEW) {NAME} UNSET TAGS \({TEXT}\)", _untag),
    (rf"ALTER TABLE {NAME} ALTER COLUMN `(\w+)` DROP MASK", _unmask),
    (rf"ALTER TABLE {NAME} DROP ROW FILTER", _unfilter),
    (_INFORMATION.format("''", "table_tags") + r"WHERE tag_name IN \((.+)\)", _tags),
    (_INFORMATION.format("column_name", "column_tags") + r"WHERE tag_name IN \((.+)\)", _column_tags),
]
