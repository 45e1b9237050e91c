"""The controls of filters: one of many, one of a few, free text."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.aria import aria

Option = tuple[str, str]
"""A value and its label."""


def filter_id(name: str, default: str = "") -> dict[str, str]:
    """The id by which the page's script knows a filter.

    Args:
        default: the value at which the URL does not name it.
    """
    return {"filter": name, "default": default}


def select(name: str, label: str, options: Sequence[Option], value: str, default: str = "") -> Component:
    """One of many, found by typing."""
    control: Component = dmc.Select(
        id=filter_id(name, default),
        label=label,
        data=[{"value": key, "label": text} for key, text in options],
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


def segmented_control(name: str, label: str, options: Sequence[Option], value: str, default: str) -> Component:
    """One of a few, all of them seen."""
    control = dmc.SegmentedControl(
        id=filter_id(name, default),
        data=[{"value": key, "label": text} for key, text in options],
        value=value,
        size="sm",
    )
    return html.Div(
        [html.Span(label, className="filter-label"), control], className="filter", role="group", **aria(label=label)
    )


def text_input(name: str, label: str, value: str, example: str) -> Component:
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
