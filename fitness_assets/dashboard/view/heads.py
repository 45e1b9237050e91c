"""The head of a page: its name, the question that it answers, and its filters."""

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.view.aria import aria

_FEW = 4


def head(
    title: str, says: Component | str, filters: Sequence[Component] = (), back: tuple[str, str] | None = None
) -> Component:
    """Title and filters.

    Args:
        back: the address and the name of the page above.
    """
    crumbs = [html.Nav(dcc.Link(f"‹ {back[1]}", href=back[0]), className="crumbs", **aria(label="Up"))] if back else []
    kind = "filters many" if len(filters) > _FEW else "filters"
    chosen = [html.Div(list(filters), className=kind, role="search", **aria(label="Filters"))] if filters else []
    return html.Div([html.Div([*crumbs, html.H1(title), html.P(says)]), *chosen], className="page-head")
