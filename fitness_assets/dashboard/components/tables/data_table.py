"""Tables of the page: few rows, numbers to the right; wide ones scroll in their own frame."""

from collections.abc import Collection, Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.aria import aria
from fitness_assets.dashboard.components.formatting import MISSING, as_utc, format_datetime

Cell = Component | str | Sequence[Component | str] | None


def short_datetime(instant: datetime | None, seconds: bool = False) -> list[Component | str]:
    """A day and a time (UTC) of which a phone leaves out the year."""
    if instant is None:
        return [MISSING]
    year = f" {as_utc(instant).year}"
    day, _, time = format_datetime(instant, seconds).partition(year)
    return [day, html.Span(year, className="minor"), time]


def data_table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    numeric: Collection[int] = (),
    minor: Collection[int] = (),
) -> Component:
    """A table with its headings.

    Args:
        caption: what it is, for those who do not see it.
        numeric: the positions of the columns that hold numbers.
        minor: the positions of the columns that a phone leaves out.
    """
    classes = [
        " ".join([*(["number"] if position in numeric else []), *(["minor"] if position in minor else [])])
        for position in range(len(columns))
    ]
    headings = [html.Th(name, scope="col", className=classes[position]) for position, name in enumerate(columns)]
    lines = [html.Tr([html.Td(cell, className=classes[position]) for position, cell in enumerate(row)]) for row in rows]
    return html.Div(
        html.Table([html.Caption(caption), html.Thead(html.Tr(headings)), html.Tbody(lines)]),
        className="table",
        tabIndex=0,
        role="region",
        **aria(label=caption),
    )
