"""What the filters of the page on gyms are set to."""

from datetime import datetime

from fitness_assets.dashboard.components.filters.inputs import Option
from fitness_assets.dashboard.components.filters.period import period_start
from fitness_assets.dashboard.pages.page import PageContext
from fitness_assets.dashboard.queries.gyms.visits import get_login_dates
from fitness_assets.dashboard.queries.gyms.visits_by_hour import VisitMeasure

_MEASURES: tuple[VisitMeasure, ...] = ("logins", "present")
MEASURE_OPTIONS: tuple[Option, ...] = (("logins", "Arrivals"), ("present", "People there"))


def selected_gyms(context: PageContext) -> tuple[int, ...]:
    """The gym that is chosen; none stands for all of them."""
    gym = context.url.get_int("gym")
    return () if gym is None else (gym,)


def selected_since(context: PageContext) -> datetime | None:
    """The begin of the chosen period; None for all days."""
    dates = get_login_dates(context.reader).value
    return period_start(context.url.get("period", "all"), dates[1] if dates else None)


def selected_measure(context: PageContext) -> VisitMeasure:
    return next((measure for measure in _MEASURES if measure == context.url.get("count")), "logins")


def selected_time_zone(context: PageContext) -> str:
    return context.url.get("zone", "UTC")
