"""Pages as trees of components, without a browser."""

from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component

from fitness_assets.dashboard.page_url import PageUrl
from fitness_assets.dashboard.pages.page import PageContext
from fitness_assets.dashboard.pages.registry import get_page
from fitness_assets_tests.dashboard.dashboard_sample import NOW
from fitness_assets_tests.dashboard.table_builder import TableBuilder

PAGE_URLS = ("/", "/?at=last", "/workouts", "/workouts/SESSION", "/gyms", "/people", "/people/10004", "/quality")
"""Every page; SESSION stands for a session that the tables have."""


def page_context(builder: TableBuilder, url: str) -> PageContext:
    """What the page of a URL is drawn from."""
    if "SESSION" in url:
        session = builder.delta_table("silver_db.completed_workouts").to_pyarrow_table().to_pylist()[-1]
        ids = (str(session[name]) for name in ("user_id", "workout_id", "session_id"))
        url = url.replace("SESSION", "-".join(ids))
    path, _, query_string = url.partition("?")
    return PageContext(builder.reader, PageUrl.parse(path, query_string), NOW)


def render_body(context: PageContext) -> Component:
    return get_page(context.url).render_body(context)


def walk(node: Any) -> Iterator[Component]:
    """The component and all that is in it."""
    if isinstance(node, (list, tuple)):
        for child in node:
            yield from walk(child)
    if isinstance(node, Component):
        yield node
        yield from walk(getattr(node, "children", None))


def text_of(node: Any) -> str:
    """What a component says."""
    if isinstance(node, (list, tuple)):
        return " ".join(text_of(child) for child in node)
    return text_of(getattr(node, "children", "")) if isinstance(node, Component) else str(node or "")


def graphs_in(body: Component) -> list[Component]:
    return [node for node in walk(body) if type(node).__name__ == "Graph"]


def cards_in(body: Component) -> list[Component]:
    return [node for node in walk(body) if str(getattr(node, "className", "")).startswith("card span-")]
