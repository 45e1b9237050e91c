"""Lists with a bar a line: quick to read, true text, right on any width."""

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.aria import aria
from fitness_assets.dashboard.components.palette import BLUE


@dataclass(frozen=True)
class Bar:
    """One line.

    Attributes:
        value: how long the bar is.
        text: the value as text, with its unit where the card's note does not say it.
        detail: quiet text after it.
        part: of the value, drawn upon it in the second colour.
        colour: its own, where the lines differ in it.
    """

    label: Component | str
    value: float
    text: str
    detail: str = ""
    part: float = 0
    colour: str = ""


def bar_list(bars: Sequence[Bar], colour: str = BLUE, part_colour: str = "") -> Component:
    """The lines; the longest bar is as long as there is room."""
    longest = max((bar.value for bar in bars), default=0) or 1
    return html.Ul([html.Li(_line(bar, longest, colour, part_colour)) for bar in bars], className="bars")


def legend(entries: Sequence[tuple[str, str]]) -> Component:
    """Colours and what they mean."""
    return html.Ul([html.Li([dot(colour), name]) for colour, name in entries], className="legend")


def dot(colour: str) -> Component:
    return html.Span(className="dot", style={"background": colour})


def _line(bar: Bar, longest: float, colour: str, part_colour: str) -> list[Component]:
    fills = [_fill(bar.value / longest, bar.colour or colour)]
    if bar.part:
        fills.append(_fill(bar.part / longest, part_colour))
    amount: list[Component | str] = [bar.text, html.Span(f" {bar.detail}")] if bar.detail else [bar.text]
    emphasis = "" if bar.value else "zero"
    return [
        html.Span(bar.label, className=emphasis),
        html.Span(fills, className="track", **aria(hidden="true")),
        html.Span(amount, className=f"amount {emphasis}".strip()),
    ]


def _fill(share: float, colour: str) -> Component:
    return html.Span(className="fill", style={"width": f"{100 * share:.1f}%", "background": colour})
