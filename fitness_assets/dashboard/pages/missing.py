"""For an address that no page has."""

from dash import dcc, html

from fitness_assets.dashboard.address import Address
from fitness_assets.dashboard.pages.page import Page
from fitness_assets.dashboard.view.cards import card, empty, grid
from fitness_assets.dashboard.view.heads import head


def missing(address: Address) -> Page:
    """A page that says that there is none, and leads back."""
    said = empty(f"There is no page {address.path}.", dcc.Link("See what goes on now", href="/", className="button"))
    return Page(
        path=address.path,
        name="No such page",
        icon="now",
        tables=(),
        head=lambda view: head("No such page", "The address may have been cut short."),
        body=lambda view: grid(card("Nothing here", html.Div(said), span=12)),
        listed=False,
    )
