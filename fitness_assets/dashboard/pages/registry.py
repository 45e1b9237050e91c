"""All pages, and which of them a URL means."""

from fitness_assets.dashboard.page_url import PageUrl
from fitness_assets.dashboard.pages import gyms, now, people, person, quality, workout_session, workouts
from fitness_assets.dashboard.pages.not_found import not_found_page
from fitness_assets.dashboard.pages.page import Page


def all_pages() -> tuple[Page, ...]:
    """Every page, in the order of the navigation."""
    return (now.PAGE, workouts.PAGE, gyms.PAGE, people.PAGE, quality.PAGE, workout_session.PAGE, person.PAGE)


def get_page(url: PageUrl) -> Page:
    """The page with the path of a URL, or the one for all paths below; one that says so where there is none."""
    by_path = {page.path: page for page in all_pages() if page.is_in_navigation}
    by_parent = {page.path: page for page in all_pages() if not page.is_in_navigation}
    parent = url.path.rpartition("/")[0]
    return by_path.get(url.path) or (by_parent.get(parent) if parent else None) or not_found_page(url)
