"""Pages of a long list."""

from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.address import Address
from fitness_assets.dashboard.view.aria import aria

PER_PAGE = 25


def offset_of(address: Address) -> int:
    return PER_PAGE * (max(1, address.number("page") or 1) - 1)


def paging(address: Address, total: int) -> Component:
    """Which lines are seen, and links to those before and after."""
    first = offset_of(address)
    last = min(first + PER_PAGE, total)
    page = first // PER_PAGE + 1
    links = [dcc.Link("‹ Before", href=_at(address, page - 1), className="button")] if page > 1 else []
    links += [dcc.Link("Next ›", href=_at(address, page + 1), className="button")] if last < total else []
    said = html.Span(f"{first + 1:,}–{last:,} of {total:,}" if first < total else f"none here, of {total:,}")
    return html.Div([said, html.Nav(links, **aria(label="Pages of the list"))], className="more")


def _at(address: Address, page: int) -> str:
    kept = {name: value for name, value in address.chosen.items() if name != "page"}
    return str(Address(address.path, kept | ({"page": str(page)} if page > 1 else {})))
