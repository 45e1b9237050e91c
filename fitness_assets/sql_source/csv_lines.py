"""Source rows as lines of CSV that the landing zone's reader understands, or refuses whole.

The reader escapes with a backslash inside quotes, takes every line break for the end of a record, a NUL for
the sign of a binary file, and refuses a line with U+FFFD.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from fitness_assets.contracts.feeds import Field

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_FRACTION = re.compile(r"\.(\d+)")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}.*")


def csv_line(row: Sequence[Any], fields: Sequence[Field]) -> str:
    """The record of a row, without a line end."""
    return ",".join(_quoted(_text(value, field)) for value, field in zip(row, fields, strict=True))


def epoch_text(value: datetime | int | float | Decimal) -> str:
    """Epoch seconds, whole or with at most six decimals; a datetime without a zone is in UTC."""
    if isinstance(value, datetime):
        instant = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        value = Decimal((instant - _EPOCH) // _MICROSECOND).scaleb(-6)
    text = f"{value:.6f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _text(value: Any, field: Field) -> str | None:
    if value is None:
        return None
    if field.type == "epoch":
        if isinstance(value, str) and _DATETIME.fullmatch(value):
            value = _parse_datetime(value)
        if isinstance(value, (datetime, float, Decimal)):
            return epoch_text(value)
    if isinstance(value, (float, Decimal)) and value == value and abs(value) != float("inf") and value == int(value):
        return str(int(value))
    return value.hex() if isinstance(value, (bytes, memoryview)) else str(value)


def _parse_datetime(text: str) -> datetime | str:
    """SQLite keeps datetimes as text; what is no datetime after all is left for the reader to refuse."""
    # Python 3.10 reads a fraction of six digits alone, and no Z.
    six_digits = _FRACTION.sub(lambda match: f".{match[1]:0<6}"[:7], text.replace("Z", "+00:00"), count=1)
    try:
        return datetime.fromisoformat(six_digits)
    except ValueError:
        return text


def _quoted(text: str | None) -> str:
    """A field of the line: null is nothing at all, and what the reader would take for its own is in quotes."""
    if text is None:
        return ""
    text = _NOT_TEXT.sub("\ufffd", _LINE_BREAK.sub(" ", text))
    if text and text == text.strip() and "," not in text and '"' not in text:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
