"""What the open page does by itself, in a real browser: it follows the tables, and stays calm in trouble."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from fitness_assets.dashboard.pages import gyms
from fitness_assets_tests.dashboard.browser import open_page, ticking_from, wait_until_rendered
from fitness_assets_tests.dashboard.conftest import OpenWindow, Serve
from fitness_assets_tests.dashboard.table_builder import TableBuilder, later, utc

NOON = utc("06-01 12:00:00")


@pytest.fixture
def builder(tmp_path: Path) -> TableBuilder:
    """One person who trains in gym 5 since a quarter of an hour."""
    builder = TableBuilder(tmp_path / "base")
    builder.create_all_empty()
    builder.add_user(1)
    builder.add_visit(1, 5, utc("06-01 11:45:00"))
    builder.add_session(1, 1, utc("06-01 11:46:00"))
    builder.add_readings(1, *[(later(NOON, seconds=second), 120.0 + second) for second in range(-20, 0)])
    return builder


def test_what_a_table_gains_under_the_open_page_appears_by_itself(
    open_window: OpenWindow, serve: Serve, builder: TableBuilder
) -> None:
    site = serve(builder, ticking_from(NOON))
    page = open_page(open_window(site=site), "/")
    people = page.locator(".stat", has_text="People in the gyms").locator(".value")
    expect(people).to_have_text("1")
    page.evaluate("document.querySelector('#body .stat').dataset.marked = 'yes'")
    builder.add_visit(2, 8, utc("06-01 11:59:00"))
    expect(people).to_have_text("2")
    expect(page.get_by_role("link", name="Gym 8")).to_be_visible()
    assert page.evaluate("document.querySelector('#body .stat').dataset.marked") == "yes"  # changed, not made anew


def test_nothing_is_drawn_again_while_no_table_changes(
    open_window: OpenWindow, serve: Serve, builder: TableBuilder
) -> None:
    site = serve(builder, lambda: NOON)
    page = open_page(open_window(site=site), "/gyms")
    page.wait_for_timeout(2_500)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.post_data or ""))
    page.wait_for_timeout(4_500)
    assert len(requests) >= 2 and not [data for data in requests if "next-body" in data]


def test_tables_that_are_not_there_yet_are_told_with_what_to_do_and_appear_later(
    open_window: OpenWindow, serve: Serve, tmp_path: Path
) -> None:
    builder = TableBuilder(tmp_path / "new")
    site = serve(builder, ticking_from(NOON))
    page = open_window(site=site)
    for url in ("/", "/workouts", "/gyms", "/people", "/people/1", "/workouts/1-1-1", "/quality", "/nowhere"):
        open_page(page, url)
        assert page.get_by_text("could not be shown").count() == 0, url
    open_page(page, "/gyms")
    expect(page.locator("#body")).to_contain_text("make run")
    builder.create_all_empty()
    builder.add_visit(1, 5, utc("06-01 11:45:00"))
    expect(page.get_by_role("heading", name="Busiest hours")).to_be_visible()


def test_a_query_that_fails_is_a_calm_card_and_the_others_are_there(
    open_window: OpenWindow, serve: Serve, builder: TableBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("secret/path: the disk is full")

    monkeypatch.setattr(gyms, "count_visits_by_day", fail)
    site = serve(builder, ticking_from(NOON))
    page = open_page(open_window(site=site), "/gyms")
    expect(page.get_by_text("This could not be shown just now.")).to_be_visible()
    expect(page.get_by_role("heading", name="Visits a day")).to_be_visible()
    expect(page.get_by_role("heading", name="Busiest hours")).to_be_visible()
    assert "secret" not in page.content() and "Traceback" not in page.content()


def test_a_table_in_ruins_is_told_in_words(open_window: OpenWindow, serve: Serve, builder: TableBuilder) -> None:
    for file in (builder.path("silver_db.gym_logs") / "_delta_log").glob("*.json"):
        file.write_text("rubbish", encoding="utf-8")
    site = serve(builder, ticking_from(NOON))
    page = open_page(open_window(site=site), "/gyms")
    expect(page.locator("#body")).to_contain_text("cannot be")
    assert "Traceback" not in page.content()


def test_a_server_that_is_gone_is_noticed_and_the_page_stays(
    open_window: OpenWindow, serve: Serve, builder: TableBuilder
) -> None:
    site = serve(builder, lambda: NOON)
    page = open_page(open_window(site=site, may_complain=True), "/gyms")
    page.route("**/_dash-update-component*", lambda route: route.abort())
    expect(page.get_by_text("The dashboard's server does not answer")).to_be_visible(timeout=25_000)
    wait_until_rendered(page)
