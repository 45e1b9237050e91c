"""A page drawn as components: its header, its body, and how old it is."""

from dataclasses import dataclass
from typing import Any

from dash.development.base_component import Component

from fitness_assets.dashboard.components.error_boundary import error_boundary
from fitness_assets.dashboard.components.page_header import page_header
from fitness_assets.dashboard.components.relative_time import relative_time
from fitness_assets.dashboard.pages.page import PageContext
from fitness_assets.dashboard.pages.page_version import PageVersion, get_page_version
from fitness_assets.dashboard.pages.registry import get_page


@dataclass(frozen=True)
class RenderedBody:
    """The body of a page.

    Attributes:
        data_age: when its tables last changed, in words.
        version: what it is drawn from, as JSON.
    """

    component: Component
    data_age: list[Any]
    version: dict[str, Any]


@dataclass(frozen=True)
class RenderedPage:
    """A whole page."""

    header: Component
    body: RenderedBody


def render_page(context: PageContext) -> RenderedPage:
    return RenderedPage(render_header(context), render_body(context))


def render_header(context: PageContext) -> Component:
    """Title and filters; the title alone where the filters cannot be read."""
    page = get_page(context.url)
    fallback = page_header(page.name, "Its filters cannot be shown just now")
    return error_boundary(page.name, lambda: page.render_header(context), fallback=fallback)


def render_body(context: PageContext) -> RenderedBody:
    """All below the header, with the version that it is drawn from."""
    page = get_page(context.url)
    version = current_version(context)  # before the page is drawn: what changes meanwhile is drawn again
    return RenderedBody(
        component=error_boundary(page.name, lambda: page.render_body(context)),
        data_age=_data_age(version, context),
        version=version.as_json(),
    )


def current_version(context: PageContext) -> PageVersion:
    """What the page would be drawn from just now."""
    return get_page_version(context.reader, get_page(context.url), context.now)


def _data_age(version: PageVersion, context: PageContext) -> list[Any]:
    if version.changed_at is None:
        return ["No data yet"]
    return ["Data changed ", relative_time(version.changed_at, context.now)]
