"""The chart of a session among the sessions before it."""

from typing import Any

from dash.development.base_component import Component

from fitness_assets.dashboard.components.charts import figures
from fitness_assets.dashboard.components.palette import BLUE, GREY, ORANGE, transparent
from fitness_assets.dashboard.queries.workouts.session_detail import SessionDetail

_MAX_SESSIONS = 40


def earlier_sessions_chart(session: SessionDetail) -> Component:
    """A bar a session from its lowest to its highest heart rate with a dot at the average; this one stands out."""
    earlier = [row for row in session.earlier.to_pylist() if row["avg_bpm"] is not None][-_MAX_SESSIONS:]
    this = {
        "start_time": session.start_time,
        "min_bpm": session.min_bpm,
        "avg_bpm": session.avg_bpm,
        "max_bpm": session.max_bpm,
    }
    groups = (
        ("other workouts", [row for row in earlier if not row["same_workout"]], GREY),
        ("same workout", [row for row in earlier if row["same_workout"]], BLUE),
        ("this session", [this] if this["avg_bpm"] else [], ORANGE),
    )
    traces: list[figures.Trace] = []
    for name, rows, colour in groups:
        if rows:
            traces += _range_traces(name, rows, colour)
    in_order = sorted([*earlier, this], key=lambda row: row["start_time"])
    figure = figures.figure(
        traces,
        x={
            "title": "Start (UTC)",
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [_category(row) for row in in_order],
            "nticks": 6,
            "tickangle": 0,
        },
        y={"title": "beats a minute"},
        hovermode="closest",
        barmode="overlay",
    )
    description = "Lowest, average and highest heart rate of this and earlier sessions"
    return figures.chart("earlier", figure, description, 280, with_legend=True)


def _range_traces(name: str, rows: list[dict[str, Any]], colour: str) -> list[figures.Trace]:
    """Bars from the lowest to the highest heart rate, and dots at the average."""
    x = [_category(row) for row in rows]
    lowest, heights = [row["min_bpm"] for row in rows], [row["max_bpm"] - row["min_bpm"] for row in rows]
    labels = [f"{row['min_bpm']:.0f} – {row['avg_bpm']:.0f} – {row['max_bpm']:.0f} bpm" for row in rows]
    hover: dict[str, Any] = {
        "hovertemplate": "%{x} UTC<br>%{customdata}<extra>" + name + "</extra>",
        "customdata": labels,
    }
    bars = figures.bar_trace(name, x, heights, base=lowest, width=0.34, **hover)
    bars["marker"] = {"color": transparent(colour, 0.35)}
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": [row["avg_bpm"] for row in rows],
        "marker": {"size": 9, "color": colour},
        **hover,
    }
    return [bars, dots]


def _category(row: dict[str, Any]) -> str:
    return f"{row['start_time'].day} {row['start_time']:%b}<br>{row['start_time']:%H:%M}"
