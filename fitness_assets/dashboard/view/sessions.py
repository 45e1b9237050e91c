"""Sessions as lines of a table."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.view.aria import aria
from fitness_assets.dashboard.view.cards import pill
from fitness_assets.dashboard.view.tables import Cell, short_moment, table
from fitness_assets.dashboard.view.words import minutes, number, years

_TONES = {"under way": "good", "no stop": "warn"}
_LOW, _HIGH = 40, 200


def session_path(row: dict[str, Any]) -> str:
    return f"/workouts/{row['user_id']}-{row['workout_id']}-{row['session_id']}"


def session_table(caption: str, rows: Sequence[dict[str, Any]], person: bool = True) -> Component:
    """A line a session, which leads to its curve.

    Args:
        person: whether to say whose it is.
    """
    whose = ["Person", "Age", "Place"] if person else []
    columns = [
        "Started (UTC)",
        *whose,
        "Gym",
        "Length",
        "Avg",
        "Max",
        f"From {_LOW} to {_HIGH} bpm",
        "Readings",
        "Status",
    ]
    cells: list[list[Cell]] = [
        [
            dcc.Link(short_moment(row["start_time"]), href=session_path(row)),
            *(_whose(row) if person else []),
            "–" if row["gym"] is None else f"Gym {row['gym']}",
            "–" if row["minutes"] is None else minutes(row["minutes"]),
            html.Strong(number(row["avg_bpm"])),
            number(row["max_bpm"]),
            _range(row),
            number(row["readings"] if row["status"] == "finished" else None),  # they are counted at the stop
            html.Span("finished", className="note")
            if row["status"] == "finished"
            else pill(row["status"], _TONES[row["status"]]),
        ]
        for row in rows
    ]
    gym = len(whose) + 1
    minor = [*([2, 3, gym] if person else []), gym + 3, gym + 4, gym + 5, gym + 6]
    return table(caption, columns, cells, numbers=(gym + 1, gym + 2, gym + 3, gym + 5), minor=minor)


def _whose(row: dict[str, Any]) -> list[Cell]:
    return [dcc.Link(row["name"], href=f"/people/{row['user_id']}"), years(row["age"] or "–"), _place(row)]


def _range(row: dict[str, Any]) -> Component | str:
    """From the lowest to the highest heart rate, with a mark at the average."""
    if row["avg_bpm"] is None:
        return "–"
    low, mean, high = (
        100 * (min(max(row[name], _LOW), _HIGH) - _LOW) / (_HIGH - _LOW) for name in ("min_bpm", "avg_bpm", "max_bpm")
    )
    says = f"lowest {row['min_bpm']:.0f}, average {row['avg_bpm']:.0f}, highest {row['max_bpm']:.0f} beats a minute"
    band = html.Span(className="band", style={"left": f"{low:.1f}%", "width": f"{high - low:.1f}%"})
    mark = html.Span(className="mark", style={"left": f"{mean:.1f}%"})
    return html.Span([band, mark], className="range", title=says, role="img", **aria(label=says))


def _place(row: dict[str, Any]) -> str:
    return ", ".join(part for part in (row["city"], row["state"]) if part) or "–"
