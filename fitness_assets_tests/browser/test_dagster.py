"""Dagster's web UI in a real browser, with a real web server, daemon and runs."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.definitions import defs
from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.lakehouse import MASKED, open_lakehouse
from fitness_assets.settings import Settings
from fitness_assets_tests.browser.conftest import WebUi, take_picture

GROUPS = ("sources", "landing_zone", "bronze", "silver", "gold")
ALL_GROUPS_OPEN = "/asset-groups?expanded=" + ",".join(f"global@global:{group}" for group in GROUPS)
TABLES_OPEN = "/asset-groups?expanded=" + ",".join(f"global@global:{group}" for group in GROUPS[2:])
RUN_SECONDS = 240


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page large enough for the whole graph; a script that fails on it fails the test."""
    page = chromium.new_page(viewport={"width": 2100, "height": 2500})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(90_000)
    yield page
    page.close()
    assert not errors


def is_named(asset_name: str, text: str) -> bool:
    """Whether the text of a page names an asset, perhaps shortened in the middle."""
    for line in text.splitlines():
        head, ellipsis, tail = line.strip().partition("…")
        is_shortened = ellipsis and head and asset_name.startswith(head) and asset_name.endswith(tail)
        if line.strip() == asset_name or is_shortened:
            return True
    return False


def test_the_graph_shows_every_asset_from_sources_to_gold(page: Any, web_ui: WebUi) -> None:
    page.goto(web_ui.url + ALL_GROUPS_OPEN)
    page.get_by_text("gym_summary").first.wait_for()
    text = page.inner_text("body")
    for key in defs().get_repository_def().asset_graph.get_all_asset_keys():
        # What alerts record is on a page of its own, which is no part of the way of the data.
        assert is_named(key.path[-1], text) or key.path[0] == "operations", key.to_user_string()
    positions = [page.get_by_text(group, exact=True).last.bounding_box()["x"] for group in ("bronze", "silver", "gold")]
    assert positions == sorted(positions)


def test_a_click_materializes_everything_and_it_turns_green(page: Any, web_ui: WebUi) -> None:
    page.goto(web_ui.url + ALL_GROUPS_OPEN)
    page.get_by_role("button", name=re.compile(r"Materialize all")).first.click()
    page.get_by_text(re.compile(r"Launched run")).first.wait_for()
    page.wait_for_function(f"() => ({GREEN_NODES})() >= {len(all_tables())}", timeout=RUN_SECONDS * 1000)
    lakehouse = open_lakehouse(Settings(base_dir=web_ui.checkout.base), get_spark_session)
    for name in ("bronz_db.kafka_multiplex_bz", "silver_db.user_bins", "gold_db.workout_bpm_summary"):
        page.goto(f"{web_ui.url}/assets/{name.replace('.', '/')}")
        page.get_by_text("Row count").wait_for()
        rows = lakehouse.log(get_table(name)).row_count()
        assert rows > 0
        assert page.get_by_text(re.compile(rf"^({rows}|{rows:,})$")).count()
    page.set_viewport_size({"width": 1900, "height": 1500})
    page.goto(web_ui.url + TABLES_OPEN)
    page.wait_for_function(f"() => ({GREEN_NODES})() >= {len(all_tables())}", timeout=120_000)
    take_picture(page, "dagster-graph.png", clip={"x": 550, "y": 180, "width": 1303, "height": 1170})


def test_the_page_of_a_table_tells_what_it_is_how_it_is_and_where_its_code_is(page: Any, web_ui: WebUi) -> None:
    page.set_viewport_size({"width": 1500, "height": 1500})
    page.goto(f"{web_ui.url}/assets/silver_db/users")
    page.get_by_text("Row count").wait_for(timeout=RUN_SECONDS * 1000)
    users = get_table("silver_db.users")
    for text in (
        users.description,
        users.grain,
        *(column.description for column in users.columns),
        "data-platform",
        "refused_so_far",
        "inserted",
        "seconds",
        MASKED,
    ):
        page.get_by_text(text).first.wait_for()
    # Freshness is judged by the daemon, when its turn comes; an open page need not hear of it.
    deadline = time.monotonic() + RUN_SECONDS
    while not page.get_by_text("Passing").count():
        assert time.monotonic() < deadline, page.inner_text("body")
        page.wait_for_timeout(5_000)
        page.reload()
        page.get_by_text("Row count").wait_for()
    page.locator("a[href*='contracts/silver/users.py']").wait_for()
    take_picture(page, "dagster-table.png")
    page.goto(f"{web_ui.url}/assets/silver_db/users?view=checks")
    page.get_by_text("unique_key").first.wait_for()
    page.get_by_text("Succeeded").nth(2).wait_for()


GREEN_NODES = """function () {
  return [...document.querySelectorAll("div")].filter(node => {
    const [red, green, blue] = (getComputedStyle(node).borderTopColor.match(/\\d+/g) || []).map(Number);
    return parseFloat(getComputedStyle(node).borderTopWidth) > 0 && green > red + 60 && green > blue + 30;
  }).length;
}"""
"""How many boxes have a green border: a node of the graph has one when its last materialization went well."""
