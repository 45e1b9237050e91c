"""Tables of the page: few rows, numbers to the right; wide ones scroll in their own frame."""

from collections.abc import Collection, Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.view.aria import aria
from fitness_assets.dashboard.view.words import NOTHING, as_utc, moment

Cell = Component | str | Sequence[Component | str] | None


def short_moment(at: datetime | None, seconds: bool = False) -> list[Component | str]:
    """A moment (UTC) of which a phone leaves out the year."""
    if at is None:
        return [NOTHING]
    year = f" {as_utc(at).year}"
    day, _, rest = moment(at, seconds).partition(year)
    return [day, html.Span(year, className="minor"), rest]


def table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    numbers: Collection[int] = (),
    minor: Collection[int] = (),
) -> Component:
    """A table with its headings.

    Args:
        caption: what it is, for those who do not see it.
        numbers: the places of the columns that hold numbers.
        minor: the places of the columns that a phone leaves out.
    """
    kind = [
        " ".join([*(["number"] if place in numbers else []), *(["minor"] if place in minor else [])])
        for place in range(len(columns))
    ]
    head = html.Thead(html.Tr([html.Th(name, scope="col", className=kind[at]) for at, name in enumerate(columns)]))
    body = html.Tbody([html.Tr([html.Td(cell, className=kind[at]) for at, cell in enumerate(row)]) for row in rows])
    return html.Div(
        html.Table([html.Caption(caption), head, body]),
        className="table",
        tabIndex=0,
        role="region",
        **aria(label=caption),
    )
