"""Charts as plain Plotly figures. Text and lines take their colours from the style sheet, so one figure is right
on light and on dark."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from fitness_assets.dashboard.view.aria import aria
from fitness_assets.dashboard.view.palette import BLUE, HEAT, faint

Trace = dict[str, Any]
Figure = dict[str, Any]
_FONT = {"family": "Inter, system-ui, sans-serif", "size": 12, "color": "#7b8794"}
_LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}}


def chart(name: str, figure: Figure, says: str, height: int = 280) -> Component:
    """A figure on the page.

    Args:
        name: unique on the page, so that a repaint changes the chart that is there.
        says: what it shows, for those who do not see it.
    """
    graph = dcc.Graph(
        id=f"chart-{name}",
        figure=figure,
        responsive=True,
        config={"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"},
        style={"height": f"{height}px"},
    )
    return html.Div(graph, className="chart", role="img", **aria(label=says))


def figure(
    traces: Sequence[Trace],
    x: Mapping[str, Any] | None = None,
    y: Mapping[str, Any] | None = None,
    legend: bool = False,
    **layout: Any,
) -> Figure:
    """Traces on one pair of axes, drawn quietly: no frame, faint lines, one label for all that is under the pointer."""
    return {
        "data": list(traces),
        "layout": {
            "template": None,
            "font": _FONT,
            "margin": {"l": 8, "r": 8, "t": 34 if legend else 8, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis(showgrid=False, **(x or {})),
            "yaxis": axis(**(y or {})),
            "showlegend": legend,
            "legend": _LEGEND,
            "hovermode": "x unified",
            "hoverlabel": {"font": {"family": _FONT["family"], "size": 12}},
            "dragmode": False,
            "uirevision": "kept",
            "barcornerradius": 3,
            **layout,
        },
    }


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """An axis whose title holds the unit."""
    return {
        "title": {"text": title, "font": {"size": 12}, "standoff": 8},
        "automargin": True,
        "zeroline": False,
        "gridcolor": "rgba(128,140,155,0.18)",
        "separatethousands": True,
        "fixedrange": True,
        **more,
    }


def line(name: str, x: Sequence[Any], y: Sequence[Any], colour: str = BLUE, **more: Any) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": {"color": colour, "width": 2},
        **more,
    }


def area(name: str, x: Sequence[Any], y: Sequence[Any], colour: str = BLUE, **more: Any) -> Trace:
    return line(name, x, y, colour, fill="tozeroy", fillcolor=faint(colour), **more)


def bars(name: str, x: Sequence[Any], y: Sequence[Any], colour: str = BLUE, **more: Any) -> Trace:
    return {"type": "bar", "name": name, "x": list(x), "y": list(y), "marker": {"color": colour}, **more}


def lying_bars(name: str, labels: Sequence[str], values: Sequence[float], colour: str = BLUE, **more: Any) -> Trace:
    """Bars from left to right, the first label on top when the axis is `reversed`."""
    return bars(name, values, labels, colour, orientation="h", **more)


def heat_map(x: Sequence[Any], y: Sequence[Any], z: Sequence[Sequence[float]], unit: str, hover: str) -> Trace:
    return {
        "type": "heatmap",
        "x": list(x),
        "y": list(y),
        "z": [list(row) for row in z],
        "colorscale": HEAT,
        "xgap": 3,
        "ygap": 3,
        "hovertemplate": hover,
        "colorbar": {
            "title": {"text": unit, "side": "top", "font": {"size": 12}},
            "orientation": "h",
            "thickness": 8,
            "len": 0.4,
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "ypad": 0,
            "outlinewidth": 0,
            "nticks": 4,
        },
    }
