"""Sessions as lines of a table."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.aria import aria
from fitness_assets.dashboard.components.cards import pill
from fitness_assets.dashboard.components.formatting import format_age_group, format_minutes, format_number
from fitness_assets.dashboard.components.tables.data_table import Cell, data_table, short_datetime

_STATUS_TONES = {"under way": "good", "no stop": "warn"}
_MIN_BPM, _MAX_BPM = 40, 200


def session_path(row: dict[str, Any]) -> str:
    """The path of a session's page."""
    return f"/workouts/{row['user_id']}-{row['workout_id']}-{row['session_id']}"


def session_table(caption: str, rows: Sequence[dict[str, Any]], with_person: bool = True) -> Component:
    """A line a session, which leads to its curve.

    Args:
        with_person: whether to say whose it is.
    """
    person_columns = ["Person", "Age", "Place"] if with_person else []
    columns = [
        "Started (UTC)",
        *person_columns,
        "Gym",
        "Length",
        "Avg",
        "Max",
        f"From {_MIN_BPM} to {_MAX_BPM} bpm",
        "Readings",
        "Status",
    ]
    cells: list[list[Cell]] = [
        [
            dcc.Link(short_datetime(row["start_time"]), href=session_path(row)),
            *(_person_cells(row) if with_person else []),
            "–" if row["gym"] is None else f"Gym {row['gym']}",
            "–" if row["minutes"] is None else format_minutes(row["minutes"]),
            html.Strong(format_number(row["avg_bpm"])),
            format_number(row["max_bpm"]),
            _heart_rate_range(row),
            format_number(row["readings"] if row["status"] == "finished" else None),  # they are counted at the stop
            html.Span("finished", className="note")
            if row["status"] == "finished"
            else pill(row["status"], _STATUS_TONES[row["status"]]),
        ]
        for row in rows
    ]
    gym = len(person_columns) + 1
    minor = [*([2, 3, gym] if with_person else []), gym + 3, gym + 4, gym + 5, gym + 6]
    return data_table(caption, columns, cells, numeric=(gym + 1, gym + 2, gym + 3, gym + 5), minor=minor)


def _person_cells(row: dict[str, Any]) -> list[Cell]:
    link = dcc.Link(row["name"], href=f"/people/{row['user_id']}")
    place = ", ".join(part for part in (row["city"], row["state"]) if part) or "–"
    return [link, format_age_group(row["age"] or "–"), place]


def _heart_rate_range(row: dict[str, Any]) -> Component | str:
    """From the lowest to the highest heart rate, with a mark at the average."""
    if row["avg_bpm"] is None:
        return "–"
    low, mean, high = (_percent_of_range(row[name]) for name in ("min_bpm", "avg_bpm", "max_bpm"))
    label = f"lowest {row['min_bpm']:.0f}, average {row['avg_bpm']:.0f}, highest {row['max_bpm']:.0f} beats a minute"
    band = html.Span(className="band", style={"left": f"{low:.1f}%", "width": f"{high - low:.1f}%"})
    mark = html.Span(className="mark", style={"left": f"{mean:.1f}%"})
    return html.Span([band, mark], className="range", title=label, role="img", **aria(label=label))


def _percent_of_range(bpm: float) -> float:
    return 100 * (min(max(bpm, _MIN_BPM), _MAX_BPM) - _MIN_BPM) / (_MAX_BPM - _MIN_BPM)
