"""What a page is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
from dash.development.base_component import Component

from fitness_assets.dashboard.address import Address
from fitness_assets.dashboard.lake import Lake


@dataclass(frozen=True)
class View:
    """What a page is drawn from: the tables, the address, the clock (UTC), and whether names may be seen."""

    lake: Lake
    address: Address
    now: datetime
    unmasked: bool = False


@dataclass(frozen=True)
class Page:
    """A page of the dashboard.

    Attributes:
        path: its address; what is below it belongs to it.
        name: its name in the navigation.
        icon: the class of its picture in the style sheet.
        tables: those that it is drawn from; it is drawn again when one of them has a new version.
        head: title and filters; drawn when the address changes, so that typing is never disturbed.
        body: all else.
        files: what can be downloaded, by name: the rows that a card shows.
        listed: whether the navigation leads to it.
        repaint_seconds: it is drawn again after so many seconds even if no table changed; 0 for never.
    """

    path: str
    name: str
    icon: str
    tables: tuple[str, ...]
    head: Callable[[View], Component]
    body: Callable[[View], Component]
    files: Mapping[str, Callable[[View], pa.Table]] = field(default_factory=dict)
    listed: bool = True
    repaint_seconds: int = 0
