"""Pages of a long list."""

from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.aria import aria
from fitness_assets.dashboard.page_url import PageUrl

PAGE_SIZE = 25
_LAST_PAGE = 1_000_000_000


def page_offset(url: PageUrl) -> int:
    """How many lines are before those of the page that the URL names."""
    return PAGE_SIZE * (min(max(1, url.get_int("page") or 1), _LAST_PAGE) - 1)


def pagination(url: PageUrl, total: int) -> Component:
    """Which lines are position, and links to those before and after."""
    first = page_offset(url)
    last = min(first + PAGE_SIZE, total)
    page = first // PAGE_SIZE + 1
    links = [dcc.Link("‹ Before", href=_href(url, page - 1), className="button")] if page > 1 else []
    links += [dcc.Link("Next ›", href=_href(url, page + 1), className="button")] if last < total else []
    position = html.Span(f"{first + 1:,}–{last:,} of {total:,}" if first < total else f"none here, of {total:,}")
    return html.Div([position, html.Nav(links, **aria(label="Pages of the list"))], className="list-footer")


def _href(url: PageUrl, page: int) -> str:
    return str(url.with_parameter("page", str(page) if page > 1 else ""))
