"""Sessions as lines of a table."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.view.cards import pill
from fitness_assets.dashboard.view.tables import table
from fitness_assets.dashboard.view.words import moment, number, span

_TONES = {"under way": "good", "no stop": "warn"}


def session_path(row: dict[str, Any]) -> str:
    return f"/session/{row['user_id']}-{row['workout_id']}-{row['session_id']}"


def session_table(caption: str, rows: Sequence[dict[str, Any]], person: bool = True) -> Component:
    """A line a session, which leads to its curve.

    Args:
        person: whether to say whose it is.
    """
    columns = ["Started (UTC)", *(["Person", "Age", "Place"] if person else []), "Gym", "For", "Min", "Avg", "Max", "Readings", "Status"]
    cells = []
    for row in rows:
        whose = [dcc.Link(row["name"], href=f"/people/{row['user_id']}"), row["age"] or "–", _place(row)] if person else []
        cells.append(
            [
                dcc.Link(moment(row["start_time"]), href=session_path(row)),
                *whose,
                "–" if row["gym"] is None else f"Gym {row['gym']}",
                span(row["minutes"] * 60) if row["minutes"] is not None else "–",
                number(row["min_bpm"]),
                html.Strong(number(row["avg_bpm"])),
                number(row["max_bpm"]),
                number(row["readings"]),
                pill(row["status"], _TONES.get(row["status"], "")),
            ]
        )
    first = 5 if person else 2
    return table(caption, columns, cells, numbers=range(first, first + 5))


def _place(row: dict[str, Any]) -> str:
    return ", ".join(part for part in (row["city"], row["state"]) if part) or "–"
