"""The filter "period": so many days up to the newest record, so that recorded data has its last week too."""

from datetime import date, datetime, timedelta, timezone

from dash.development.base_component import Component

from fitness_assets.dashboard.components.filters.inputs import segmented_control
from fitness_assets.dashboard.components.formatting import format_date

_PERIODS = (("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("all", "All"))


def period_filter(period: str) -> Component:
    """The filter, set to that period; to all days where it is none."""
    return segmented_control("period", "Period", _PERIODS, period if period in dict(_PERIODS) else "all", "all")


def period_start(period: str, last: date | datetime | None) -> datetime | None:
    """The midnight (UTC) at which the days of the period begin; None for all of them.

    Args:
        last: the newest record; its day is the last of the period.
    """
    if period not in dict(_PERIODS) or period == "all" or last is None:
        return None
    return _midnight(last) - timedelta(days=int(period) - 1)


def period_label(since: datetime | None, first: date | datetime | None, last: date | datetime | None) -> str:
    """The days that are looked at."""
    if first is None or last is None:
        return ""
    begin, end = since or _midnight(first), _midnight(last)
    return format_date(end) if _midnight(begin) == end else f"{format_date(begin)} – {format_date(end)}"


def _midnight(day: date | datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
