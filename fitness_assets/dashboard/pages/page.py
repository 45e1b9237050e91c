"""What a page is, and what it is drawn from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
from dash.development.base_component import Component

from fitness_assets.dashboard.page_url import PageUrl
from fitness_assets.dashboard.table_reader.reader import TableReader


@dataclass(frozen=True)
class PageContext:
    """What a page is drawn from: the tables, the URL, the clock (UTC), and whether names may be seen."""

    reader: TableReader
    url: PageUrl
    now: datetime
    unmasked: bool = False


@dataclass(frozen=True)
class Page:
    """A page of the dashboard.

    Attributes:
        path: its path; what is below it belongs to it.
        name: its name in the navigation.
        icon: the class of its picture in the style sheet.
        table_names: those that it is drawn from; it is drawn again when one of them has a new version.
        render_header: title and filters; drawn when the URL changes, so that typing is never disturbed.
        render_body: all else.
        downloads: the rows that each card shows, by name.
        is_in_navigation: whether the navigation leads to it.
        repaint_seconds: it is drawn again after so many seconds even if no table changed; 0 for never.
    """

    path: str
    name: str
    icon: str
    table_names: tuple[str, ...]
    render_header: Callable[[PageContext], Component]
    render_body: Callable[[PageContext], Component]
    downloads: Mapping[str, Callable[[PageContext], pa.Table]] = field(default_factory=dict)
    is_in_navigation: bool = True
    repaint_seconds: int = 0
