"""Cards, figures in large type, empty states and errors: the furniture of every page."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.address import Address
from fitness_assets.dashboard.view.aria import aria
from fitness_assets.dashboard.view.words import ago, as_utc
from fitness_assets.errors import FitnessError

_LOG = logging.getLogger(__name__)
Body = Component | str | Sequence[Component | str]


def card(title: str, body: Body, note: Body = "", span: int = 6, downloads: Component | None = None) -> Component:
    """A titled part of a page.

    Args:
        note: what the title does not say: the unit, the time zone, how it is counted.
        span: how many of twelve columns it is wide where there is room.
    """
    head = [html.H2(title), *([downloads] if downloads is not None else [])]
    head += [html.P(note, className="note")] if note else []
    return html.Section(
        [html.Div(head, className="card-head"), html.Div(body, className="card-body")],
        className=f"card span-{span}",
        **aria(label=title),
    )


def stat(label: str, value: str, unit: str = "", note: Body = "", tone: str = "") -> Component:
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


def stats(*all_of_them: Component) -> Component:
    return html.Dl(list(all_of_them), className="stats span-12")


def grid(*cards: Component) -> Component:
    return html.Div(list(cards), className="grid")


def pill(text: str, tone: str = "") -> Component:
    return html.Span(text, className=f"pill {tone}".strip())


def since(at: datetime, now: datetime) -> Component:
    """How long ago, in words that the page's script keeps true between two repaints."""
    stamp = as_utc(at).isoformat()
    return html.Time(ago(at, now), className="ago", dateTime=stamp, title=f"{as_utc(at):%Y-%m-%d %H:%M:%S} UTC")


def empty(said: str, what_to_do: Body = "", command: str = "") -> Component:
    """Nothing to show: why, and what to do; what stands between backticks in it is a command."""
    parts = [
        html.P(said, className="said"),
        html.P(_with_code(what_to_do) if isinstance(what_to_do, str) else what_to_do),
    ]
    return html.Div([*parts, *([html.Code(command)] if command else [])], className="empty")


def _with_code(text: str) -> list[Component | str]:
    return [html.Code(part) if place % 2 else part for place, part in enumerate(text.split("`"))]


def downloads(name: str, address: Address, what: str) -> Component:
    """Links to what a card shows as CSV and Parquet, with the same things chosen."""
    return html.Nav(
        [
            html.A(
                label,
                href=f"/download{address.path.rstrip('/') or '/now'}/{name}.{kind}{address.search}",
                download="",
                **aria(label=f"Download {what} as {label}"),
            )
            for label, kind in (("CSV", "csv"), ("Parquet", "parquet"))
        ],
        className="downloads",
        **aria(label=f"Downloads of {what}"),
    )


def guarded(title: str, build: Callable[[], Component], span: int = 12, instead: Component | None = None) -> Component:
    """What is built, or a calm card (or something else) in its place; the cause goes to the server's log."""
    try:
        return build()
    except FitnessError as error:
        _LOG.warning("%s: %s", title, error)
        return instead or card(title, empty("This cannot be shown.", str(error).splitlines()[0]), span=span)
    except Exception:  # whatever it is, the log has it and the other cards go on
        _LOG.exception("%s could not be shown", title)
        todo = "It is tried again by itself in a moment. If it stays, the dashboard's log says why."
        return instead or card(title, empty("This could not be shown just now.", todo), span=span)
