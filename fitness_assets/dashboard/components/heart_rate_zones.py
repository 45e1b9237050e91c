"""Heart-rate zones: their pills, and the bar of time in each."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.aria import aria
from fitness_assets.dashboard.components.bar_list import Bar, bar_list, dot
from fitness_assets.dashboard.components.formatting import format_duration, format_share
from fitness_assets.dashboard.components.palette import ZONE_COLOURS
from fitness_assets.dashboard.queries.heart_rate_zones import ZONES
from fitness_assets.dashboard.queries.workouts.heart_rate_curve import ZoneTime


def zone_pill(zone: int | None) -> Component:
    if zone is None:
        return html.Span("age unknown", className="note")
    return html.Span([dot(ZONE_COLOURS[zone]), f"{ZONES[zone].number} {ZONES[zone].name}"], className="pill")


def zone_times(zones: Sequence[ZoneTime]) -> Component:
    """One bar of all of it, then a line a zone, the hardest first."""
    total = sum(zone.seconds for zone in zones)
    parts = [
        html.Span(style={"flex": f"{zone.seconds} 1 0", "background": ZONE_COLOURS[zone.number]}, title=zone.name)
        for zone in zones
        if zone.seconds
    ]
    bars = [
        Bar(
            label=_label(zone),
            value=zone.seconds,
            text=format_duration(zone.seconds),
            detail=f"· {format_share(zone.seconds, total)}",
            colour=ZONE_COLOURS[zone.number],
        )
        for zone in reversed(zones)
    ]
    return html.Div([html.Div(parts, className="zones", **aria(hidden="true")), bar_list(bars)])


def _label(zone: ZoneTime) -> Component:
    bounds = html.Span(f" {_bounds(zone)}", className="note")
    return html.Span([dot(ZONE_COLOURS[zone.number]), f" {zone.name}", bounds])


def _bounds(zone: ZoneTime) -> str:
    if zone.max_bpm is None:
        return f"from {zone.min_bpm:.0f}"
    return f"{zone.min_bpm:.0f}–{zone.max_bpm:.0f}" if zone.min_bpm else f"below {zone.max_bpm:.0f}"
