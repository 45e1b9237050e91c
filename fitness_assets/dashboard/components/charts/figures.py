"""Figures, their traces and axes. Text and lines take their colours from the style sheet, so one figure is right on
light and on dark."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.components.aria import aria
from fitness_assets.dashboard.components.bar_list import legend
from fitness_assets.dashboard.components.palette import BLUE, GREY, HEAT_SCALE, transparent

Trace = dict[str, Any]
Figure = dict[str, Any]
_FONT = {"family": "Inter, system-ui, sans-serif", "size": 12, "color": "#7b8794"}
DATE_AXIS = {"tickformat": "%e %b\n%Y", "hoverformat": "%a %e %b %Y"}
"""A time axis whose ticks are days; the year stands below where it changes."""
TIME_AXIS = {"tickformat": "%H:%M\n%e %b %Y"}
"""A time axis within a day."""


def chart(name: str, figure: Figure, description: str, height: int = 280, with_legend: bool = False) -> Component:
    """A figure on the page.

    Args:
        name: unique on the page, so that a repaint changes the chart that is there.
        description: what it shows, for those who do not see it.
        with_legend: whether a legend names its traces; it is text above the figure, which no window is too narrow for.
    """
    graph = dcc.Graph(
        id=f"chart-{name}",
        figure=figure,
        responsive=True,
        config={"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"},
        style={"height": f"{height}px"},
    )
    drawing = html.Div(graph, className="chart", role="img", **aria(label=description))
    if not with_legend:
        return drawing
    colours = {trace["name"]: (trace.get("line") or trace["marker"])["color"] for trace in figure["data"]}
    return html.Div([legend([(colour, name) for name, colour in colours.items()]), drawing])


def figure(
    traces: Sequence[Trace],
    x: Mapping[str, Any] | None = None,
    y: Mapping[str, Any] | None = None,
    **layout: Any,
) -> Figure:
    """Traces on one pair of axes, drawn quietly: no frame, faint lines, one label for all that is under the pointer."""
    return {
        "data": list(traces),
        "layout": {
            "template": None,
            "font": _FONT,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis(showgrid=False, **(x or {})),
            "yaxis": axis(**(y or {})),
            "showlegend": False,
            "hovermode": "x unified",
            "hoverlabel": {"font": {"family": _FONT["family"], "size": 12}},
            "dragmode": False,
            "uirevision": "kept",
            "barcornerradius": 3,
            **layout,
        },
    }


def axis(title: str = "", **properties: Any) -> dict[str, Any]:
    """An axis whose title holds the unit."""
    return {
        "title": {"text": title[:1].upper() + title[1:], "font": {"size": 12}, "standoff": 8},
        "tickangle": 0,
        "ticklabelstandoff": 4,
        "automargin": True,
        "zeroline": False,
        "gridcolor": "rgba(128,140,155,0.18)",
        "separatethousands": True,
        "fixedrange": True,
        **properties,
    }


def line_trace(name: str, x: Sequence[Any], y: Sequence[Any], colour: str = BLUE, **properties: Any) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": {"color": colour, "width": 2},
        **properties,
    }


def area_trace(name: str, x: Sequence[Any], y: Sequence[Any], colour: str = BLUE, **properties: Any) -> Trace:
    return line_trace(name, x, y, colour, fill="tozeroy", fillcolor=transparent(colour), **properties)


def bar_trace(name: str, x: Sequence[Any], y: Sequence[Any], colour: str = BLUE, **properties: Any) -> Trace:
    return {"type": "bar", "name": name, "x": list(x), "y": list(y), "marker": {"color": colour}, **properties}


def heat_map_trace(x: Sequence[Any], y: Sequence[Any], z: Sequence[Sequence[float]], unit: str, hover: str) -> Trace:
    return {
        "type": "heatmap",
        "x": list(x),
        "y": list(y),
        "z": [list(row) for row in z],
        "colorscale": HEAT_SCALE,
        "xgap": 3,
        "ygap": 3,
        "hovertemplate": hover,
        "colorbar": {
            "title": {"text": unit[:1].upper() + unit[1:], "side": "right", "font": {"size": 12}},
            "thickness": 8,
            "len": 1,
            "xpad": 10,
            "ypad": 0,
            "outlinewidth": 0,
            "nticks": 5,
        },
    }


def vertical_line(x: Any, label: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A dotted line across the figure as a shape, and its label as an annotation."""
    shape = {
        "type": "line",
        "x0": x,
        "x1": x,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": GREY, "width": 1.5, "dash": "dot"},
    }
    annotation = {
        "x": x,
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "text": label,
        "showarrow": False,
        "font": {"size": 11},
    }
    return shape, annotation
