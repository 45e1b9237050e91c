"""The charts of a session: its curve, its recovery, and the sessions before it."""

from typing import Any

from dash.development.base_component import Component

from fitness_assets.dashboard.questions.session import Session
from fitness_assets.dashboard.view import figures
from fitness_assets.dashboard.view.palette import BLUE, GREY, ORANGE, ZONES, faint
from fitness_assets.dashboard.view.thinning import thinned
from fitness_assets.dashboard.view.words import moment

MOST_POINTS = 1_200


def curve_chart(session: Session) -> Component:
    """The heart rate over time, upon the zones; start and stop are marked."""
    times, rates = thinned(session.curve["time"], session.curve["heartrate"], MOST_POINTS)
    low, high = min(rates) - 6, max(rates) + 8
    bands = [_band(zone.number, zone.low, zone.high or high) for zone in session.zones if zone.low < high]
    names = [
        _label(zone.name, (max(zone.low, low) + min(zone.high or high, high)) / 2)
        for zone in session.zones
        if zone.low < high and (zone.high or high) > low + 6
    ]
    marks = [_mark(session.start_time, "start")]
    marks += [_mark(session.end_time, "stop")] if session.end_time else []
    drawn = figures.figure(
        [figures.line("heart rate", times, rates, BLUE, hovertemplate="%{y:.0f} bpm<extra></extra>")],
        x={"title": "Time of day (UTC)", **figures.TIMES, "hoverformat": "%H:%M:%S UTC", "fixedrange": False},
        y={"title": "beats a minute", "range": [max(0, low), high], "showgrid": False},
        shapes=[*bands, *[mark for mark, _ in marks]],
        annotations=[*names, *[text for _, text in marks]],
        dragmode="zoom",
        uirevision=f"{session.user_id}-{session.workout_id}-{session.session_id}",
        margin={"l": 8, "r": 68 if session.zones else 8, "t": 22, "b": 8},
    )
    peak = "" if session.max_bpm is None else f", highest {session.max_bpm:.0f}"
    says = f"Heart rate of the session from {moment(session.start_time)} UTC in beats a minute{peak}"
    return figures.chart("curve", drawn, says, 360)


def recovery_chart(session: Session) -> Component:
    """The heart rate from the last minute before the stop to the third after it, with what it fell by."""
    assert session.end_time is not None
    stop = (session.end_time - session.start_time).total_seconds()
    points = [
        (second - stop, rate)
        for second, rate in zip(
            session.curve["second"].to_pylist(), session.curve["heartrate"].to_pylist(), strict=True
        )
        if second >= stop - 60
    ]
    seconds, rates = [at for at, _ in points], [rate for _, rate in points]
    found, notes = session.recovery, []
    for after, rate, drop in ((60, found.after_60, found.drop_60), (120, found.after_120, found.drop_120)):
        if rate is not None and drop is not None:
            notes.append(
                {
                    "x": after,
                    "y": rate,
                    "text": f"<b>{'−' if drop > 0 else '+'}{abs(drop):.0f} bpm</b><br>after {after // 60} min",
                    "showarrow": True,
                    "arrowhead": 0,
                    "arrowcolor": GREY,
                    "ax": 28,
                    "ay": -38,
                    "align": "left",
                }
            )
    drawn = figures.figure(
        [
            figures.line("heart rate", seconds, rates, BLUE, hovertemplate="%{y:.0f} bpm<extra></extra>"),
            {
                "type": "scatter",
                "mode": "markers",
                "name": "measured",
                "hoverinfo": "skip",
                "x": [0, *(note["x"] for note in notes)],
                "y": [found.at_stop, *(note["y"] for note in notes)],
                "marker": {"size": 9, "color": ORANGE, "line": {"width": 2, "color": "#ffffff"}},
            },
        ],
        x={"title": "seconds after the stop", "dtick": 30},
        y={"title": "beats a minute", "nticks": 6},
        shapes=[_mark(0, "stop")[0]],
        annotations=notes,
    )
    fell = "unknown" if found.drop_60 is None else f"{found.drop_60:.0f} beats a minute"
    return figures.chart("recovery", drawn, f"Heart rate after the stop; it fell by {fell} in the first minute", 260)


def earlier_chart(session: Session) -> Component:
    """A bar a session from its lowest to its highest heart rate with a dot at the average; this one stands out."""
    rows = [row for row in session.earlier.to_pylist() if row["avg_bpm"] is not None][-40:]
    this = {
        "start_time": session.start_time,
        "min_bpm": session.min_bpm,
        "avg_bpm": session.avg_bpm,
        "max_bpm": session.max_bpm,
    }
    same = [row for row in rows if row["same_workout"]]
    other = [row for row in rows if not row["same_workout"]]
    groups = (
        ("other workouts", other, GREY),
        ("same workout", same, BLUE),
        ("this session", [this] if this["avg_bpm"] else [], ORANGE),
    )
    order = [_when(row) for row in sorted([*rows, this], key=lambda row: row["start_time"])]
    traces: list[figures.Trace] = []
    for name, members, colour in groups:
        if members:
            traces += _ranges(name, members, colour)
    drawn = figures.figure(
        traces,
        x={
            "title": "Start (UTC)",
            "type": "category",
            "categoryorder": "array",
            "categoryarray": order,
            "nticks": 6,
            "tickangle": 0,
        },
        y={"title": "beats a minute"},
        hovermode="closest",
        barmode="overlay",
    )
    return figures.chart(
        "earlier", drawn, "Lowest, average and highest heart rate of this and earlier sessions", 280, named=True
    )


def _ranges(name: str, rows: list[dict[str, Any]], colour: str) -> list[figures.Trace]:
    x = [_when(row) for row in rows]
    low, high = [row["min_bpm"] for row in rows], [row["max_bpm"] for row in rows]
    text = [f"{row['min_bpm']:.0f} – {row['avg_bpm']:.0f} – {row['max_bpm']:.0f} bpm" for row in rows]
    hover: dict[str, Any] = {
        "hovertemplate": "%{x} UTC<br>%{customdata}<extra>" + name + "</extra>",
        "customdata": text,
    }
    lengths = [above - below for below, above in zip(low, high, strict=True)]
    bars = figures.bars(name, x, lengths, base=low, width=0.34, **hover)
    bars["marker"] = {"color": faint(colour, 0.35)}
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


def _when(row: dict[str, Any]) -> str:
    return f"{row['start_time'].day} {row['start_time']:%b}<br>{row['start_time']:%H:%M}"


def _band(zone: int, low: float, high: float) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": low,
        "y1": high,
        "fillcolor": faint(ZONES[zone], 0.16),
        "line": {"width": 0},
        "layer": "below",
    }


def _label(name: str, at: float) -> dict[str, Any]:
    return {
        "text": name,
        "xref": "paper",
        "x": 1,
        "xanchor": "left",
        "xshift": 6,
        "y": at,
        "yanchor": "middle",
        "showarrow": False,
        "font": {"size": 11},
    }


def _mark(at: Any, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    line = {
        "type": "line",
        "x0": at,
        "x1": at,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": GREY, "width": 1.5, "dash": "dot"},
    }
    text = {
        "x": at,
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "text": name,
        "showarrow": False,
        "font": {"size": 11},
    }
    return line, text
