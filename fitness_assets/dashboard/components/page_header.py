"""The header of a page: its title, the question that it answers, and its filters."""

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.aria import aria

_MAX_WIDE_FILTERS = 4


def page_header(
    title: str,
    description: Component | str,
    filters: Sequence[Component] = (),
    parent: tuple[str, str] | None = None,
) -> Component:
    """Title and filters.

    Args:
        parent: the path and the name of the page above.
    """
    crumbs = []
    if parent:
        path, name = parent
        crumbs = [html.Nav(dcc.Link(f"‹ {name}", href=path), className="crumbs", **aria(label="Up"))]
    width = "filters many" if len(filters) > _MAX_WIDE_FILTERS else "filters"
    search = [html.Div(list(filters), className=width, role="search", **aria(label="Filters"))] if filters else []
    return html.Div([html.Div([*crumbs, html.H1(title), html.P(description)]), *search], className="page-head")
