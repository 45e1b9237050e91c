"""The filter "period": so many days up to the newest record, so that recorded data has its last week too."""

from datetime import date, datetime, timedelta, timezone

from dash.development.base_component import Component

from fitness_assets.dashboard.view.controls import switch
from fitness_assets.dashboard.view.words import day

_PERIODS = (("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("all", "All"))


def period_filter(chosen: str) -> Component:
    return switch("period", "Period", _PERIODS, chosen if chosen in dict(_PERIODS) else "all", "all")


def beginning(chosen: str, last: date | datetime | None) -> datetime | None:
    """The midnight (UTC) at which the chosen days begin; None for all of them.

    Args:
        last: the newest record; its day is the last of the period.
    """
    if chosen not in dict(_PERIODS) or chosen == "all" or last is None:
        return None
    midnight = datetime(last.year, last.month, last.day, tzinfo=timezone.utc)
    return midnight - timedelta(days=int(chosen) - 1)


def in_words(since: datetime | None, first: date | datetime | None, last: date | datetime | None) -> str:
    """The days that are looked at."""
    if first is None or last is None:
        return ""
    begin, end = since or _midnight(first), _midnight(last)
    return day(end) if _midnight(begin) == end else f"{day(begin)} – {day(end)}"


def _midnight(value: date | datetime) -> datetime:
    return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
