"""The chart of a session's heart rate over time, upon its zones."""

from typing import Any

from dash.development.base_component import Component

from fitness_assets.dashboard.components.charts import figures
from fitness_assets.dashboard.components.charts.downsampling import downsample
from fitness_assets.dashboard.components.formatting import format_datetime
from fitness_assets.dashboard.components.palette import BLUE, ZONE_COLOURS, transparent
from fitness_assets.dashboard.queries.workouts.session_detail import SessionDetail

MAX_POINTS = 1_200


def heart_rate_curve_chart(session: SessionDetail) -> Component:
    """The heart rate over time, upon the zones; start and stop are marked."""
    times, rates = downsample(session.curve["time"], session.curve["heartrate"], MAX_POINTS)
    low, high = min(rates) - 6, max(rates) + 8
    bands = [
        _zone_band(zone.number, zone.min_bpm, zone.max_bpm or high) for zone in session.zones if zone.min_bpm < high
    ]
    zone_labels = [
        _zone_label(zone.name, (max(zone.min_bpm, low) + min(zone.max_bpm or high, high)) / 2)
        for zone in session.zones
        if zone.min_bpm < high and (zone.max_bpm or high) > low + 6
    ]
    markers = [figures.vertical_line(session.start_time, "start")]
    markers += [figures.vertical_line(session.end_time, "stop")] if session.end_time else []
    figure = figures.figure(
        [figures.line_trace("heart rate", times, rates, BLUE, hovertemplate="%{y:.0f} bpm<extra></extra>")],
        x={"title": "Time of day (UTC)", **figures.TIME_AXIS, "hoverformat": "%H:%M:%S UTC", "fixedrange": False},
        y={"title": "beats a minute", "range": [max(0, low), high], "showgrid": False},
        shapes=[*bands, *[line for line, _ in markers]],
        annotations=[*zone_labels, *[label for _, label in markers]],
        dragmode="zoom",
        uirevision=f"{session.user_id}-{session.workout_id}-{session.session_id}",
        margin={"l": 8, "r": 68 if session.zones else 8, "t": 22, "b": 8},
    )
    peak = "" if session.max_bpm is None else f", highest {session.max_bpm:.0f}"
    description = f"Heart rate of the session from {format_datetime(session.start_time)} UTC in beats a minute{peak}"
    return figures.chart("curve", figure, description, 360)


def _zone_band(zone: int, low: float, high: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": low,
        "y1": high,
        "fillcolor": transparent(ZONE_COLOURS[zone], 0.16),
        "line": {"width": 0},
        "layer": "below",
    }


def _zone_label(name: str, y: float) -> dict[str, Any]:
    return {
        "text": name,
        "xref": "paper",
        "x": 1,
        "xanchor": "left",
        "xshift": 6,
        "y": y,
        "yanchor": "middle",
        "showarrow": False,
        "font": {"size": 11},
    }
