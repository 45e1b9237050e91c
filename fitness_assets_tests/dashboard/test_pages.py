"""Pages and their figures as plain functions: no browser."""

from collections.abc import Iterator
from pathlib import Path

import plotly.graph_objects as go
import pytest
from dash.development.base_component import Component

from fitness_assets.dashboard.pages.registry import get_page
from fitness_assets_tests.dashboard.rendered_pages import (
    PAGE_URLS,
    graphs_in,
    page_context,
    render_body,
    text_of,
    walk,
)
from fitness_assets_tests.dashboard.table_builder import TableBuilder

MALFORMED_URLS = (
    "/workouts?gym=x&page=-3&sort=;&period=0",
    "/gyms?gym=99999999999999999999&count=%00",
    "/people?limit=1e9",
    "/people/x",
    "/workouts/1-2",
    "/workouts/1-2-3-4",
    "/workouts/9-9-9",
    "/quality?loaded=-1&reason='",
    "/%2e",
)


def legends_in(body: Component) -> Iterator[tuple[str, list[str]]]:
    """The charts that have a legend, and the names in it."""
    for node in walk(body):
        children = getattr(node, "children", None)
        if isinstance(children, list) and [getattr(child, "className", "") for child in children] == [
            "legend",
            "chart",
        ]:
            legend, chart = children
            yield chart.children.id, [text_of(entry).strip() for entry in legend.children]


@pytest.mark.parametrize("url", PAGE_URLS)
def test_every_figure_of_a_page_is_one_that_plotly_knows_with_titled_axes(sample: TableBuilder, url: str) -> None:
    body = render_body(page_context(sample, url))
    legends = dict(legends_in(body))
    for graph in graphs_in(body):
        figure = go.Figure(graph.figure)  # raises where a property or a value is unknown
        assert figure.data and figure.layout.xaxis.title.text, graph.id
        assert figure.layout.yaxis.title.text or figure.data[0].type == "heatmap", graph.id
        names = list(dict.fromkeys(trace.name for trace in figure.data))
        if len(names) > 1 and graph.id != "chart-recovery":
            assert legends[graph.id] == names, graph.id


@pytest.mark.parametrize("url", PAGE_URLS)
def test_a_page_sends_reduced_curves(sample: TableBuilder, url: str) -> None:
    for graph in graphs_in(render_body(page_context(sample, url))):
        assert sum(len(trace.get("x", ())) for trace in graph.figure["data"]) <= 2_500, graph.id


@pytest.mark.parametrize("url", MALFORMED_URLS)
def test_rubbish_in_the_url_is_answered_by_a_page(sample: TableBuilder, url: str) -> None:
    context = page_context(sample, url)
    page = get_page(context.url)
    assert text_of(page.render_header(context)) and text_of(page.render_body(context))


@pytest.mark.parametrize("url", ["/", "/workouts", "/workouts/1-1-1", "/gyms", "/people", "/people/1", "/quality"])
def test_a_page_without_tables_says_what_to_do(tmp_path: Path, url: str) -> None:
    context = page_context(TableBuilder(tmp_path), url)
    page = get_page(context.url)
    assert text_of(page.render_header(context)) and text_of(page.render_body(context))
