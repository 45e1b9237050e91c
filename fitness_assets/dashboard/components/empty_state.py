"""What stands where there is nothing to show: why, and what to do."""

from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.cards import Content
from fitness_assets.dashboard.queries.query import EmptyState


def empty_state(message: str, hint: Content = "", command: str = "") -> Component:
    """Why there is nothing to show.

    Args:
        hint: what to do about it; what stands between backticks in it is a command.
        command: one that stands alone below.
    """
    parts = [
        html.P(message, className="message"),
        html.P(_with_commands(hint) if isinstance(hint, str) else hint),
    ]
    return html.Div([*parts, *([html.Code(command)] if command else [])], className="empty")


def no_tables(state: EmptyState) -> Component:
    """Why a query can have no result yet."""
    return empty_state(state.message, state.hint)


def _with_commands(text: str) -> list[Component | str]:
    return [html.Code(part) if position % 2 else part for position, part in enumerate(text.split("`"))]
