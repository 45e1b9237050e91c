"""Readers of option values that click has no types for: what is no number, no share or no time is wrong use."""

from datetime import datetime, timezone
from math import inf

import click


def positive_number(text: str) -> float:
    """A finite number above 0."""
    number = _number(text)
    if not 0 < number < inf:
        raise click.BadParameter(f"{text} is not a number above 0")
    return number


def share(text: str) -> float:
    """A number between 0 and 1."""
    number = _number(text)
    if not 0 <= number <= 1:
        raise click.BadParameter(f"{text} is not a share between 0 and 1")
    return number


def minutes_range(text: str) -> tuple[float, float]:
    """The shortest and the longest time, such as `1-5`; one number is both."""
    shortest, _, longest = text.partition("-")
    bounds = positive_number(shortest), positive_number(longest or shortest)
    if bounds[0] > bounds[1]:
        raise click.BadParameter(f"{text} begins with the longer time")
    return bounds


def instant(text: str) -> int:
    """Epoch seconds, from a time in ISO 8601; without a zone it is UTC."""
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise click.BadParameter(f"{text} is not a time such as 2026-01-31T12:00:00Z") from None
    return int((time if time.tzinfo else time.replace(tzinfo=timezone.utc)).timestamp())


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -inf
