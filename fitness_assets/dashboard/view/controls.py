"""Filters. Each writes its value into the address; the page is then drawn from the address alone."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.view.aria import aria

Option = tuple[str, str]
"""A value and what it is called."""


def filter_id(name: str, default: str = "", drops: str = "") -> dict[str, str]:
    """The id by which the page's script knows a filter.

    Args:
        default: the value at which the address does not name it.
        drops: another filter, whose value means nothing any more when this one changes.
    """
    return {"filter": name, "default": default, "drops": drops}


def choice(
    name: str, label: str, options: Sequence[Option], value: str, default: str = "", drops: str = ""
) -> Component:
    """One of many, found by typing."""
    control: Component = dmc.Select(
        id=filter_id(name, default, drops),
        label=label,
        data=[{"value": key, "label": said} for key, said in options],
        value=value,
        searchable=True,
        allowDeselect=False,
        nothingFoundMessage="Nothing of that name",
        maxDropdownHeight=320,
        limit=200,
        className="filter",
        inputProps={"autoComplete": "off"},
    )
    return control


def switch(name: str, label: str, options: Sequence[Option], value: str, default: str) -> Component:
    """One of a few, all of them seen."""
    control = dmc.SegmentedControl(
        id=filter_id(name, default),
        data=[{"value": key, "label": said} for key, said in options],
        value=value,
        size="sm",
    )
    return html.Div(
        [html.Span(label, className="filter-label"), control], className="filter", role="group", **aria(label=label)
    )


def typed(name: str, label: str, value: str, example: str) -> Component:
    """Free text; the page follows when the typing pauses."""
    control: Component = dmc.TextInput(
        id=filter_id(name),
        label=label,
        value=value,
        placeholder=example,
        debounce=350,
        className="filter",
        inputProps={"autoComplete": "off"},
    )
    return control
