"""What the open page does by itself, in a real browser: it follows the tables, and stays calm in trouble."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from fitness_assets.dashboard.questions import gyms
from fitness_assets_tests.dashboard.browser import opened, settled, ticking_from
from fitness_assets_tests.dashboard.conftest import Open, Serve
from fitness_assets_tests.dashboard.questions.zone import Zone, after, at

NOON = at("06-01 12:00:00")


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    """One person who trains in gym 5 since a quarter of an hour."""
    zone = Zone(tmp_path / "base")
    zone.put_all_empty()
    zone.user(1)
    zone.visit(1, 5, at("06-01 11:45:00"))
    zone.session(1, 1, at("06-01 11:46:00"))
    zone.readings(1, *[(after(NOON, seconds=second), 120.0 + second) for second in range(-20, 0)])
    return zone


def test_what_a_table_gains_under_the_open_page_appears_by_itself(window: Open, serve: Serve, zone: Zone) -> None:
    site = serve(zone, ticking_from(NOON))
    page = opened(window(at=site), "/")
    people = page.locator(".stat", has_text="People in the gyms").locator(".value")
    expect(people).to_have_text("1")
    page.evaluate("document.querySelector('#body .stat').dataset.kept = 'yes'")
    zone.visit(2, 8, at("06-01 11:59:00"))
    expect(people).to_have_text("2")
    expect(page.get_by_role("link", name="Gym 8")).to_be_visible()
    assert page.evaluate("document.querySelector('#body .stat').dataset.kept") == "yes"  # changed, not made anew


def test_nothing_is_drawn_again_while_no_table_changes(window: Open, serve: Serve, zone: Zone) -> None:
    site = serve(zone, lambda: NOON)
    page = opened(window(at=site), "/gyms")
    page.wait_for_timeout(2_500)
    drawn: list[str] = []
    page.on("request", lambda request: drawn.append(request.post_data or ""))
    page.wait_for_timeout(4_500)
    assert len(drawn) >= 2 and not [asked for asked in drawn if "body.children" in asked]


def test_tables_that_are_not_there_yet_are_told_with_what_to_do_and_appear_later(
    window: Open, serve: Serve, tmp_path: Path
) -> None:
    zone = Zone(tmp_path / "new")
    site = serve(zone, ticking_from(NOON))
    page = window(at=site)
    for address in ("/", "/workouts", "/gyms", "/people", "/people/1", "/workouts/1-1-1", "/quality", "/nowhere"):
        opened(page, address)
        assert page.get_by_text("could not be shown").count() == 0, address
    opened(page, "/gyms")
    expect(page.locator("#body")).to_contain_text("make run")
    zone.put_all_empty()
    zone.visit(1, 5, at("06-01 11:45:00"))
    expect(page.get_by_role("heading", name="Busiest hours")).to_be_visible()


def test_a_question_that_fails_is_a_calm_card_and_the_others_are_there(
    window: Open, serve: Serve, zone: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("secret/path: the disk is full")

    monkeypatch.setattr(gyms, "visits_by_day", broken)
    site = serve(zone, ticking_from(NOON))
    page = opened(window(at=site), "/gyms")
    expect(page.get_by_text("This could not be shown just now.")).to_be_visible()
    expect(page.get_by_role("heading", name="Visits a day")).to_be_visible()
    expect(page.get_by_role("heading", name="Busiest hours")).to_be_visible()
    assert "secret" not in page.content() and "Traceback" not in page.content()


def test_a_table_in_ruins_is_told_in_words(window: Open, serve: Serve, zone: Zone) -> None:
    for file in Path(zone.path("silver_db.gym_logs"), "_delta_log").glob("*.json"):
        file.write_text("rubbish", encoding="utf-8")
    site = serve(zone, ticking_from(NOON))
    page = opened(window(at=site), "/gyms")
    expect(page.locator("#body")).to_contain_text("cannot be")
    assert "Traceback" not in page.content()


def test_a_server_that_is_gone_is_noticed_and_the_page_stays(window: Open, serve: Serve, zone: Zone) -> None:
    site = serve(zone, lambda: NOON)
    page = opened(window(at=site, trouble=True), "/gyms")
    page.route("**/_dash-update-component*", lambda route: route.abort())
    expect(page.get_by_text("The dashboard's server does not answer")).to_be_visible(timeout=25_000)
    settled(page)
