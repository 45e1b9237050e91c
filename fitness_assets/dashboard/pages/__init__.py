"""One module a page, and which page an address means."""

from fitness_assets.dashboard.address import Address
from fitness_assets.dashboard.pages import gyms, now, people, person, quality, session, workouts
from fitness_assets.dashboard.pages.missing import missing
from fitness_assets.dashboard.pages.page import Page


def all_pages() -> tuple[Page, ...]:
    """Every page, in the order of the navigation."""
    return (now.PAGE, workouts.PAGE, gyms.PAGE, people.PAGE, quality.PAGE, session.PAGE, person.PAGE)


def page_at(address: Address) -> Page:
    """The page of an address: itself, or the one whose kind is below it; one that says so where there is none."""
    exact = {page.path: page for page in all_pages() if page.listed}
    below = {page.path: page for page in all_pages() if not page.listed}
    parent = address.path.rpartition("/")[0]
    return exact.get(address.path) or (below.get(parent) if parent else None) or missing(address)
