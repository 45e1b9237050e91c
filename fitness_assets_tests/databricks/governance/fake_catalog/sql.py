"""The SQL that governance sends, parsed by sqlglot and checked as a warehouse would."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from fitness_assets_tests.databricks.governance.fake_catalog.catalog import (
    FakeCatalog,
    FakeSecurable,
    invalid,
    not_found,
)
from fitness_assets_tests.databricks.governance.fake_catalog.grammar import Clauses
from fitness_assets_tests.databricks.governance.fake_catalog.keys import change_keys
from fitness_assets_tests.databricks.governance.fake_catalog.principals import DEPLOYER

Rows = list[list[str]]
# It tells of each statement that it leaves to `Clauses`.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def run(catalog: FakeCatalog, statement: str) -> Rows:
    """Run one statement; it raises what the warehouse would answer."""
    if statement.startswith("DESCRIBE DETAIL "):
        return _describe_detail(catalog, statement)
    try:
        parsed = sqlglot.parse_one(statement, dialect="databricks")
    except SqlglotError as error:
        raise _syntax_error(str(error).splitlines()[0]) from error
    if isinstance(parsed, exp.Select):
        return _select_tags(catalog, parsed)
    if isinstance(parsed, exp.Create) and parsed.kind == "FUNCTION":
        _create_function(catalog, parsed, statement)
    elif isinstance(parsed, exp.Create) and parsed.kind == "VIEW":
        _create_view(catalog, parsed, statement)
    elif isinstance(parsed, exp.Alter) and parsed.kind == "VIEW" and isinstance(parsed.args["actions"][0], exp.Query):
        _alter_view(catalog, parsed, statement)
    else:
        _run_clauses(catalog, statement)
    return []


def full_name(table: exp.Expression) -> str:
    """A name of three parts; one of fewer would depend on where the session is."""
    parts = [part.name for part in table.parts] if isinstance(table, exp.Table) else []
    if len(parts) != 3:
        raise invalid(f"{table.sql('databricks')} is not qualified by a catalog and a schema.")
    return ".".join(parts)


def as_given_back(statement: str, keyword: str) -> str:
    """What follows a keyword of a statement, as Databricks gives it back: without empty lines, tabs as spaces. That
    much is known; quotes that a name does not need, and the case of keywords, are taken away here beside."""
    tokens = sqlglot.tokenize(statement, read="databricks")
    start = next(token.end + 1 for token in tokens if token.text.upper() == keyword and token.text.isupper())
    lines = [line.rstrip() for line in statement[start:].replace("\t", "  ").splitlines() if line.strip()]
    text = "\n".join(lines).strip()
    text = re.sub(r"`(\w+)`", r"\1", text)
    return re.sub(r"\b(SELECT|FROM|WHERE|CASE|WHEN|THEN|ELSE|END)\b", lambda match: match[1].lower(), text)


def _syntax_error(near: str) -> Exception:
    return invalid(f"[PARSE_SYNTAX_ERROR] Syntax error at or near {near}. SQLSTATE: 42601")


def _create_function(catalog: FakeCatalog, parsed: exp.Create, statement: str) -> None:
    definition = parsed.this
    name, body = full_name(definition.this), parsed.expression
    if not isinstance(body, exp.Return) or body.find(exp.Query):
        raise invalid("A mask or filter is one expression without a subquery.")
    if name.rpartition(".")[0] not in catalog.securables:
        raise not_found(f"the schema of {name}")
    if name in catalog.securables:
        catalog.get_owned("function", name)
        # It is a new function under the old name.
        catalog.securables.pop(name)
    function = catalog.create("function", name)
    [parameter] = definition.expressions
    returned, comment = parsed.find(exp.ReturnsProperty), parsed.find(exp.SchemaCommentProperty)
    function.function = {
        "parameter": parameter.name,
        "parameter_type": parameter.kind.sql("databricks"),
        "return_type": returned.this.sql("databricks") if returned else "",
        "body": as_given_back(statement, "RETURN"),
    }
    function.comment = comment.this.name if comment else ""


def _create_view(catalog: FakeCatalog, parsed: exp.Create, statement: str) -> None:
    name = full_name(parsed.this)
    if parsed.args.get("exists") and name in catalog.securables:
        return
    _require_sources(catalog, parsed.expression)
    if name in catalog.securables and parsed.args.get("replace"):
        catalog.get_owned("table", name)
        # It is a new view under the old name: grants, tags and the owner go with the old one.
        catalog.securables.pop(name)
    view = catalog.create("table", name, owner=DEPLOYER)
    view.view = catalog.rewrites(as_given_back(statement, "AS"))
    comment = parsed.find(exp.SchemaCommentProperty)
    view.comment = comment.this.name if comment else ""
    _set_view_columns(view, parsed.expression)


def _alter_view(catalog: FakeCatalog, parsed: exp.Alter, statement: str) -> None:
    view = catalog.get_owned("table", full_name(parsed.this))
    if view.view is None:
        raise invalid("[EXPECT_VIEW_NOT_TABLE]")
    query = parsed.args["actions"][0]
    _require_sources(catalog, query)
    view.view = catalog.rewrites(as_given_back(statement, "AS"))
    _set_view_columns(view, query)


def _set_view_columns(view: FakeSecurable, query: exp.Expression) -> None:
    view.columns = {name: view.columns.get(name, {"type": "unknown"}) for name in query.named_selects}


def _require_sources(catalog: FakeCatalog, query: exp.Expression) -> None:
    """Each table and function of a view is there, may be read, and takes the type of the column it is given."""
    common = {cte.alias for cte in query.find_all(exp.CTE)}
    for source in query.find_all(exp.Table):
        if source.name in common and not source.db:
            continue
        name = full_name(source)
        if name not in catalog.securables:
            raise not_found(f"[TABLE_OR_VIEW_NOT_FOUND] {name}")
        if not catalog.may_do("SELECT", name):
            raise invalid(f"[INSUFFICIENT_PERMISSIONS] User does not have SELECT on Table '{name}'. SQLSTATE: 42501")
    for call in query.find_all(exp.Dot):
        if isinstance(call.expression, exp.Anonymous):
            name = f"{call.this.this.name}.{call.this.expression.name}.{call.expression.name}"
            if name not in catalog.securables:
                raise not_found(f"[UNRESOLVED_ROUTINE] {name}")
            if not catalog.may_do("EXECUTE", name):
                raise invalid(f"[INSUFFICIENT_PERMISSIONS] User does not have EXECUTE on Routine '{name}'.")
            _require_parameter_type(catalog, name, call.expression.expressions[0], query)


def _require_parameter_type(
    catalog: FakeCatalog, function: str, argument: exp.Expression, query: exp.Expression
) -> None:
    """A mask or filter takes the very type of its column, as another is cast without a word."""
    tables = {table.alias_or_name: full_name(table) for table in query.find_all(exp.Table) if table.db}
    source = tables.get(argument.text("table")) or full_name(query.args["from_"].this)
    column = catalog.securables[source].columns.get(argument.name)
    if column is None or catalog.get("function", function).function["parameter_type"] != column["type"].upper():
        raise invalid(f"{function} does not take {argument.name} of {source}.")


def _run_clauses(catalog: FakeCatalog, statement: str) -> None:
    """The statements of Databricks that sqlglot's grammar does not have."""
    clauses = Clauses(statement, _syntax_error)
    if clauses.takes("COMMENT", "ON"):
        kind = clauses.one_of("CATALOG", "SCHEMA", "TABLE", "VOLUME")
        securable = catalog.get_owned(kind.lower(), clauses.name())
        clauses.needs("IS")
        comment = clauses.string()
        securable.comment = comment if catalog.keeps_comments else securable.comment
        clauses.ends()
        return
    if clauses.takes("ALTER", "CATALOG"):
        securable = catalog.get_owned("catalog", clauses.name())
        securable.predictive_optimization = clauses.one_of("ENABLE", "DISABLE", "INHERIT")
        clauses.needs("PREDICTIVE", "OPTIMIZATION")
        clauses.ends()
        return
    clauses.needs("ALTER")
    kind = clauses.one_of("TABLE", "VIEW")
    name = clauses.name()
    relation = catalog.get_owned("table", name)
    if clauses.takes("ALTER", "COLUMN"):
        # ALTER VIEW has no ALTER COLUMN; ALTER TABLE takes the columns of a view for tags alone.
        column = _column(kind, relation, clauses.identifier())
        if clauses.takes("COMMENT"):
            _require_table(relation)
            column["comment"] = clauses.string()
        elif clauses.takes("DROP", "MASK"):
            _require_table(relation)
            column.pop("mask", None)
        else:
            _change_tags(catalog, clauses, column.setdefault("tags", {}))
    elif clauses.takes("DROP", "ROW", "FILTER"):
        _require_table(relation)
        relation.row_filter = None
    elif clauses.takes("CLUSTER BY"):
        _require_table(relation)
        relation.clustering = [name for name in clauses.identifiers() if _column(kind, relation, name)]
    elif kind == "TABLE" and relation.view is None and change_keys(catalog, name, clauses):
        pass
    else:
        if (kind == "VIEW") != (relation.view is not None):
            raise invalid(f"[EXPECT_{'TABLE_NOT_VIEW' if kind == 'TABLE' else 'VIEW_NOT_TABLE'}]")
        _change_tags(catalog, clauses, relation.tags)
    clauses.ends()


def _change_tags(catalog: FakeCatalog, clauses: Clauses, tags: dict[str, str]) -> None:
    if clauses.takes("UNSET", "TAGS"):
        tags.pop(clauses.tag_name(), None)
    else:
        clauses.needs("SET", "TAGS")
        name, value = clauses.tag()
        allowed = catalog.governed_tags.get(name, [])
        if allowed and value not in allowed:
            raise invalid(f"'{value}' is not an allowed value of the governed tag '{name}'. Allowed values: {allowed}.")
        tags[name] = value


def _column(kind: str, relation: FakeSecurable, name: str) -> dict[str, Any]:
    if kind == "VIEW":
        raise _syntax_error("'ALTER'")
    if name not in relation.columns:
        raise invalid(f"[UNRESOLVED_COLUMN] {name} is no column of it.")
    column: dict[str, Any] = relation.columns[name]
    return column


def _describe_detail(catalog: FakeCatalog, statement: str) -> Rows:
    clauses = Clauses(statement, _syntax_error)
    clauses.needs("DESCRIBE", "DETAIL")
    table = catalog.get("table", clauses.name())
    clauses.ends()
    _require_table(table)
    return [["delta", "MANAGED", json.dumps(table.clustering)]]


def _require_table(relation: FakeSecurable) -> None:
    if relation.view is not None:
        raise invalid("[EXPECT_TABLE_NOT_VIEW]")


def _select_tags(catalog: FakeCatalog, query: exp.Select) -> Rows:
    """The tags of tables or of columns, from the information schema."""
    catalog_name, schema, source = full_name(query.args["from_"].this).split(".")
    selected = {literal.name for literal in query.args["where"].find(exp.In).expressions}
    columns_of: dict[str, Callable[[FakeSecurable], dict[str, dict[str, str]]]] = {
        "table_tags": lambda securable: {"": securable.tags},
        "column_tags": lambda securable: {name: c.get("tags", {}) for name, c in securable.columns.items()},
    }
    if schema != "information_schema" or source not in columns_of:
        raise not_found(f"[TABLE_OR_VIEW_NOT_FOUND] {source}")
    rows: Rows = []
    for name, securable in catalog.securables.items():
        if securable.type == "table" and name.startswith(f"{catalog_name}."):
            for column, tags in columns_of[source](securable).items():
                rows += [[*name.split(".")[1:], column, tag, value] for tag, value in tags.items() if tag in selected]
    return rows
