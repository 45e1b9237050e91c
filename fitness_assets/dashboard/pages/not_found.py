"""The page of a URL that no page has."""

from dash import dcc

from fitness_assets.dashboard.components.cards import card, card_grid
from fitness_assets.dashboard.components.empty_state import empty_state
from fitness_assets.dashboard.components.page_header import page_header
from fitness_assets.dashboard.page_url import PageUrl
from fitness_assets.dashboard.pages.page import Page


def not_found_page(url: PageUrl) -> Page:
    """A page that says that there is none, and leads back."""
    link = dcc.Link("See what goes on now", href="/", className="button")
    content = empty_state(f"There is no page {url.path}.", link)
    return Page(
        path=url.path,
        name="No such page",
        icon="now",
        table_names=(),
        render_header=lambda context: page_header("No such page", "The address may have been cut short."),
        render_body=lambda context: card_grid(card("Nothing here", content, span=12)),
        is_in_navigation=False,
    )
