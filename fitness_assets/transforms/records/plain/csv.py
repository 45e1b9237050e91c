"""Lines of CSV of the commonest form, many at a time, in DuckDB.

As with records of Kafka (`kafka.py`), a line is taken only where each field is of its type beyond doubt: no quotes, no
blanks around, whole numbers as they are written, nothing missing that must be there. Every other line is left to the
judge of single lines, and a test holds the two against each other.
"""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from fitness_assets.contracts.arrow import with_all_columns
from fitness_assets.contracts.feeds import Field, FileFeed
from fitness_assets.transforms.records.lines import LongLine, ascii_table, places_left
from fitness_assets.transforms.times import EARLIEST_EPOCH, LATEST_EPOCH

_WHOLE_TYPES = {"bigint": "BIGINT", "int": "INTEGER"}
_NUMBER = "[0-9]{1,15}([.][0-9]{1,9})?"
_PLAIN_TYPES = {"bigint", "int", "double", "epoch", "string"}


class PlainCsv:
    """Reads lines below one header.

    Args:
        schema: the columns of the bronze table.
        positions: where each column of the contract is; all columns of the file are among them.
    """

    def __init__(self, feed: FileFeed, schema: pa.Schema, positions: Mapping[str, int]) -> None:
        self._schema = schema
        self._db = duckdb.connect()
        fields = [field for field in feed.fields if field.name in positions]
        texts = {field.name: f"parts[{positions[field.name] + 1}]" for field in fields}
        typed = {field.name: _typed(field, texts[field.name]) for field in fields}
        orders = [
            f"coalesce({typed[field.name]} >= {typed[field.not_before]}, true)"
            for field in fields
            if field.not_before in typed
        ]
        self._conditions = " AND ".join([*(_fits(field, texts[field.name]) for field in fields), *orders])
        self._columns = typed
        self._width = len(positions)

    @staticmethod
    def can_read(feed: FileFeed) -> bool:
        """Whether the fields of a feed are of types that can be read so."""
        return all(field.type in _PLAIN_TYPES and not field.accepted_values for field in feed.fields)

    def read(
        self, lines: Sequence[bytes | LongLine], first_number: int, constants: Mapping[str, str | int]
    ) -> tuple[pa.Table, list[int]]:
        """The rows of the lines of that form, and the places of the others.

        Args:
            constants: the values of columns that are the same in all rows.
        """
        given = {**self._columns, "raw": "line", "line_number": f"place + {first_number}"}
        given |= {name: f"$constant_{name}" for name in constants}
        columns = ", ".join(f'{value} AS "{name}"' for name, value in given.items())
        query = f"""
            WITH split AS MATERIALIZED (
                SELECT place, line, string_split(line, ',') AS parts FROM arrived
                WHERE NOT regexp_matches(line, '["\\x00]')
            )
            SELECT place, {columns} FROM split WHERE len(parts) = {self._width} AND {self._conditions}
        """
        self._db.register("arrived", ascii_table(lines))
        try:
            parameters = {f"constant_{name}": value for name, value in constants.items()}
            rows = self._db.sql(query, params=parameters).to_arrow_table()
        finally:
            self._db.unregister("arrived")
        return with_all_columns(rows, self._schema), places_left(lines, rows["place"].to_pylist())


def _fits(field: Field, text: str) -> str:
    """Whether the text of a field is certainly a value that is accepted, or certainly none that must be there."""
    absent = "false" if field.required else f"{text} = ''"
    if field.type in _WHOLE_TYPES:
        return f"({absent} OR TRY_CAST({text} AS {_WHOLE_TYPES[field.type]})::VARCHAR = {text})"
    if field.type == "string":
        return f"({absent} OR ({text} <> '' AND trim({text}, ' \t') = {text}))"
    number = f"regexp_full_match({text}, '{_NUMBER}')"
    if field.type == "epoch":
        number += f" AND TRY_CAST({text} AS DOUBLE) BETWEEN {EARLIEST_EPOCH} AND {LATEST_EPOCH}"
    return f"({absent} OR ({number}))"


def _typed(field: Field, text: str) -> str:
    if field.type in _WHOLE_TYPES:
        return f"TRY_CAST({text} AS {_WHOLE_TYPES[field.type]})"
    return f"TRY_CAST({text} AS DOUBLE)" if field.type in ("double", "epoch") else f"nullif({text}, '')"
