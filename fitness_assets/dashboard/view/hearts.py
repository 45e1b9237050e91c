"""Heart-rate zones: their colours, chips, and the bar of time in each."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.questions.heart import ZONES
from fitness_assets.dashboard.questions.session import ZoneTime
from fitness_assets.dashboard.view.aria import aria
from fitness_assets.dashboard.view.bar_list import Bar, bar_list, dot
from fitness_assets.dashboard.view.palette import ZONES as COLOURS
from fitness_assets.dashboard.view.words import share, span


def zone_chip(zone: int | None) -> Component:
    if zone is None:
        return html.Span("age unknown", className="note")
    return html.Span([dot(COLOURS[zone]), f"{ZONES[zone].number} {ZONES[zone].name}"], className="pill")


def time_in_zones(zones: Sequence[ZoneTime]) -> Component:
    """One bar of all of it, then a line a zone, the hardest first."""
    total = sum(zone.seconds for zone in zones)
    parts = [
        html.Span(style={"flex": f"{zone.seconds} 1 0", "background": COLOURS[zone.number]}, title=zone.name)
        for zone in zones
        if zone.seconds
    ]
    lines = [
        Bar(
            html.Span([dot(COLOURS[zone.number]), f" {zone.name}", html.Span(f" {_borders(zone)}", className="note")]),
            zone.seconds,
            span(zone.seconds),
            f"· {share(zone.seconds, total)}",
            colour=COLOURS[zone.number],
        )
        for zone in reversed(zones)
    ]
    return html.Div([html.Div(parts, className="zones", **aria(hidden="true")), bar_list(lines)])


def _borders(zone: ZoneTime) -> str:
    if zone.high is None:
        return f"from {zone.low:.0f}"
    return f"{zone.low:.0f}–{zone.high:.0f}" if zone.low else f"below {zone.high:.0f}"
