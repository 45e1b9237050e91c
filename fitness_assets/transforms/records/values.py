"""The value of a field, from the text of a CSV or from JSON; None where it is none of its type. Nothing is guessed."""

import json
import math
import re
from datetime import date
from typing import Any

from fitness_assets.transforms.times import EARLIEST_EPOCH, LATEST_EPOCH

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_DAYS = {
    "yyyy-MM-dd": re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})", re.ASCII),
    "MM/dd/yyyy": re.compile(r"(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/(?P<year>[0-9]{4})", re.ASCII),
}
_BITS = {"int": 31, "bigint": 63}
_EARLIEST_MICROS = EARLIEST_EPOCH * 1_000_000
_END_OF_TIME_MICROS = (LATEST_EPOCH + 1) * 1_000_000
_MAX_DIGITS = 40


def from_text(text: str, kind: str) -> Any:
    """What a text says."""
    if kind in _BITS:
        # A longer number is too great, and costs more the longer it is.
        return _whole(int(text), kind) if len(text) <= _MAX_DIGITS and _INTEGER.fullmatch(text) else None
    if kind == "epoch":
        return _epoch(float(text)) if _NUMBER.fullmatch(text) else None
    if kind == "double":
        return _finite(float(text)) if _NUMBER.fullmatch(text) else None
    if kind in _DAYS:
        return _day(text, kind)
    return text


def from_json(value: Any, kind: str) -> Any:
    """What a JSON value says, if it is of the JSON type that belongs to the field."""
    if kind in _BITS:
        return _whole(value, kind) if type(value) is int else None
    if kind in ("epoch", "double"):
        if type(value) not in (int, float):
            return None
        try:
            number = float(value)
        except OverflowError:
            return None
        return _epoch(number) if kind == "epoch" else _finite(number)
    if kind in _DAYS:
        return _day(value, kind) if isinstance(value, str) else None
    return text_of(value)


def text_of(value: Any) -> str | None:
    """A JSON value as a text: a text as it is, anything else as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def micros(epoch_seconds: float) -> int:
    """Epoch seconds in whole microseconds, rounded to the nearest one."""
    return math.floor(epoch_seconds * 1e6 + 0.5)


def is_storable(text: str) -> bool:
    """Whether a text can be stored: half of a surrogate pair, which JSON can spell, is no character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _whole(number: int, kind: str) -> int | None:
    limit = 1 << _BITS[kind]
    return number if -limit <= number < limit else None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _epoch(seconds: float) -> float | None:
    """Epoch seconds that fit a timestamp, which holds the years 1 to 9999."""
    if not math.isfinite(seconds) or abs(seconds) > LATEST_EPOCH + 1:
        return None
    return seconds if _EARLIEST_MICROS <= micros(seconds) < _END_OF_TIME_MICROS else None


def _day(text: str, kind: str) -> date | None:
    match = _DAYS[kind].fullmatch(text)
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])) if match else None
    except ValueError:
        return None
