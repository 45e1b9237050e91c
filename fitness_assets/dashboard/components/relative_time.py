"""How long ago something happened."""

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.formatting import as_utc, format_time_ago


def relative_time(instant: datetime, now: datetime) -> Component:
    """How long ago, in words that the page's script keeps true between two repaints."""
    utc = as_utc(instant)
    return html.Time(
        format_time_ago(instant, now),
        className="time-ago",
        dateTime=utc.isoformat(),
        title=f"{utc:%Y-%m-%d %H:%M:%S} UTC",
    )
