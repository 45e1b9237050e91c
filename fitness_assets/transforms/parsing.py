"""Reading arriving records strictly, in SQL: what is no record is never taken for one, and nothing is guessed."""

from collections.abc import Iterable, Sequence

from fitness_assets.contracts.feeds import Field, FileFeed, FileFormat
from fitness_assets.transforms.times import EARLIEST_EPOCH, LATEST_EPOCH

_INTEGER = "^[+-]?[0-9]+$"
_NUMBER = "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$"
_END = "__end"
_NOT_UTF8 = "\ufffd"
_JSON_TYPES = {"epoch": "double", "MM/dd/yyyy": "string", "yyyy-MM-dd": "string"}
_DAYS = {
    "yyyy-MM-dd": ("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "{0}"),
    "MM/dd/yyyy": (
        "^[0-9]{2}/[0-9]{2}/[0-9]{4}$",
        "concat_ws('-', substring({0}, 7, 4), substring({0}, 1, 2), substring({0}, 4, 2))",
    ),
}


def named_struct(values: Iterable[tuple[str, str]]) -> str:
    """A struct of named expressions."""
    return "named_struct(" + ", ".join(f"'{name}', {value}" for name, value in values) + ")"


def json_object(text: str, fields: Sequence[Field], typed: bool) -> str:
    """The fields of one JSON object as a struct, or null where the text is not exactly one JSON object.

    Spark reads the first object of a text and ignores what follows. Wrapping the text in an array
    that must end with a sentinel makes trailing rubbish and a second object visible.

    Args:
        typed: with the fields' own types, where a value of another type becomes null; otherwise
            each value as its text.
    """
    schema = f"array<struct<{_json_schema(fields, typed)},{_END}:boolean>>"
    wrapped = f"concat('[', {text}, ',{{\"{_END}\":true}}]')"
    parsed = f"from_json({wrapped}, '{schema}', map('allowSingleQuotes', 'false'))"
    whole = f"size(r) = 2 AND r[1].{_END} AND r[0] IS NOT NULL AND r[0].{_END} IS NULL"
    values = named_struct((field.name, f"r[0].{_path(field)}") for field in fields)
    return f"transform(array({parsed}), r -> CASE WHEN {whole} THEN {values} END)[0]"


def csv_text(line: str, fields: Sequence[Field]) -> str:
    """The fields of one CSV line as texts in a struct, or null where their number is not right."""
    schema = ", ".join(f"`{field.name}` string" for field in fields) + ", _corrupt string"
    parsed = f"from_csv({line}, '{schema}', map('columnNameOfCorruptRecord', '_corrupt'))"
    values = named_struct((field.name, f"trim(r.`{field.name}`)") for field in fields)
    return f"transform(array({parsed}), r -> CASE WHEN r._corrupt IS NULL THEN {values} END)[0]"


def line_text(line: str, feed: FileFeed) -> str:
    """The fields of one landed line as texts in a struct, or null where the line is no record.

    Bytes that are not UTF-8 were replaced when the line was read; such a line is no record.
    """
    is_csv = feed.format is FileFormat.CSV
    text = csv_text(line, feed.fields) if is_csv else json_object(line, feed.fields, typed=False)
    return f"CASE WHEN NOT contains({line}, '{_NOT_UTF8}') THEN {text} END"


def holds_object(line: str, name: str) -> str:
    """Whether a line of JSON has an object where a text belongs: Spark reads its source as if it were the text.

    Inside a text every quote is escaped, so the name with its own quotes is a field of the line itself.
    """
    return f"""(instr({line}, '"{name}":{{') > 0 OR instr({line}, '"{name}": {{') > 0)"""


def cast_text(text: str, kind: str) -> str:
    """A text as a value of the type, or null where it is none."""
    if kind in ("bigint", "int"):
        return f"CASE WHEN {text} RLIKE '{_INTEGER}' THEN try_cast({text} AS {kind}) END"
    if kind in ("double", "epoch"):
        return f"CASE WHEN {text} RLIKE '{_NUMBER}' THEN try_cast({text} AS double) END"
    if kind in _DAYS:
        pattern, iso = _DAYS[kind]
        return f"CASE WHEN {text} RLIKE '{pattern}' THEN try_cast({iso.format(text)} AS date) END"
    return text


def rejection_reason(fields: Sequence[Field], typed: str, text: str) -> str:
    """The first reason why a record that could be read is refused, or null.

    Args:
        typed: the struct of typed values; a value that does not fit its type is null.
        text: the struct of the same values as texts, which tells a missing one from a wrong one.
            It is looked at only where a typed value is missing.
    """
    cases: list[str] = []
    for field in fields:
        if field.nullable_on_error:
            continue
        value, absent = f"{typed}.`{field.name}`", f"({text}).`{field.name}` IS NULL"
        if field.required:
            cases.append(f"WHEN {value} IS NULL AND {absent} THEN 'missing_{field.name}'")
        if field.type != "string":
            cases.append(f"WHEN {value} IS NULL AND NOT {absent} THEN 'bad_{field.name}'")
        if field.type in ("double", "epoch"):
            cases.append(f"WHEN NOT {_in_range(value, field.type)} THEN 'bad_{field.name}'")
        if field.accepted_values:
            allowed = ", ".join(f"'{one}'" for one in field.accepted_values)
            cases.append(f"WHEN {value} NOT IN ({allowed}) THEN 'unknown_{field.name}'")
    return f"CASE {' '.join(cases)} END"


def _in_range(value: str, kind: str) -> str:
    if kind == "epoch":
        return f"({value} BETWEEN {EARLIEST_EPOCH} AND {LATEST_EPOCH})"
    return f"(NOT isnan({value}) AND abs({value}) < double('infinity'))"


def _json_schema(fields: Sequence[Field], typed: bool) -> str:
    def declared(field: Field) -> str:
        kind = _JSON_TYPES.get(field.type, field.type) if typed and not field.nullable_on_error else "string"
        return f"`{field.name}`:{kind}"

    outer = [declared(field) for field in fields if not field.parent]
    objects = dict.fromkeys(field.parent for field in fields if field.parent)
    inner = {name: [declared(field) for field in fields if field.parent == name] for name in objects}
    return ",".join(outer + [f"`{name}`:struct<{','.join(columns)}>" for name, columns in inner.items()])


def _path(field: Field) -> str:
    return f"{field.parent}.`{field.name}`" if field.parent else f"`{field.name}`"
