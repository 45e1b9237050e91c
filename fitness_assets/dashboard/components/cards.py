"""Cards and figures in large type: the frame of everything on a page."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.aria import aria

Content = Component | str | Sequence[Component | str]


def card(
    title: str, content: Content, note: Content = "", span: int = 6, downloads: Component | None = None
) -> Component:
    """A titled part of a page.

    Args:
        note: what the title does not say: the unit, the time zone, how it is counted.
        span: how many of twelve columns it is wide where there is room.
    """
    header = [html.H2(title), *([downloads] if downloads is not None else [])]
    header += [html.P(note, className="note")] if note else []
    return html.Section(
        [html.Div(header, className="card-head"), html.Div(content, className="card-body")],
        className=f"card span-{span}",
        **aria(label=title),
    )


def stat(label: str, value: str, unit: str = "", note: Content = "", tone: str = "") -> Component:
    """One number that answers a question at a glance.

    Args:
        tone: `good`, `warn` or `bad` where the number calls for something; never said by colour alone.
    """
    return html.Div(
        [
            html.Dt(label),
            html.Dd([html.Span(value, className="value"), html.Span(unit, className="unit")]),
            html.Dd(note, className="note"),
        ],
        className=f"stat {tone}".strip(),
    )


def stat_row(*stats: Component) -> Component:
    return html.Dl(list(stats), className="stats span-12")


def card_grid(*cards: Component) -> Component:
    return html.Div(list(cards), className="grid")


def pill(text: str, tone: str = "") -> Component:
    return html.Span(text, className=f"pill {tone}".strip())
