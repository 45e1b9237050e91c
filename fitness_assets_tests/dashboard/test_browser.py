"""The dashboard in a real browser, on real tables: what a person sees and does."""

import csv
import io
import os
import re

import pyarrow.parquet as parquet
import pytest
from playwright.sync_api import Page, expect

from fitness_assets_tests.dashboard.browser import PICTURES, VIEWPORTS, open_page, ticking_from, wait_until_rendered
from fitness_assets_tests.dashboard.conftest import OpenWindow, Serve
from fitness_assets_tests.dashboard.dashboard_sample import NOW
from fitness_assets_tests.dashboard.table_builder import TableBuilder

USER_ID = 10004
FAILED = re.compile("(can|could) ?not be shown")
PAGES = {
    "/": ("now", "Now"),
    "/workouts": ("workouts", "Workouts"),
    "/workouts/SESSION": ("workout", ""),
    "/gyms": ("gyms", "Gyms"),
    "/people": ("people", "People"),
    f"/people/{USER_ID}": ("person", ""),
    "/quality": ("quality", "Data quality"),
}
DOCUMENTED = {
    *(f"{picture}-desktop-light" for picture, _ in PAGES.values()),
    *("workout-desktop-dark", "now-phone-light", "workout-phone-dark"),
}
"""The pictures that the documents show; FITNESS_WRITE_PICTURES=1 takes them anew."""
FILTERS = {
    "/": {"at": "Last recorded"},
    "/workouts": {
        "gym": "Gym 3",
        "age": "45–55",
        "gender": "NB",
        "state": "OR",
        "status": "No stop",
        "sort": "Longest first",
        "period": "7 days",
        "person": str(USER_ID),
    },
    "/gyms": {"gym": "Gym 2", "zone": "Europe/Berlin", "count": "People there", "period": "7 days"},
    "/people": {"find": "portland", "step": "By week"},
    "/quality": {"reason": "malformed", "source": "gym_logins_bz", "loaded": "24 h"},
}


_BODY_TEXT = """(() => {
    const copy = document.querySelector("#body").cloneNode(true);
    copy.querySelectorAll("time, .downloads, .dash-graph").forEach(element => element.remove());
    return copy.textContent;
})()"""


def body_text(page: Page) -> str:
    """What the page says, without charts, and without ages, which go on by themselves."""
    return str(page.evaluate(_BODY_TEXT))


@pytest.fixture(scope="module")
def session_ids(sample: TableBuilder) -> str:
    """The latest finished session of the person, as its URL has it."""
    sessions = sample.delta_table("silver_db.completed_workouts").to_pyarrow_table().to_pylist()
    of_person = (session for session in sessions if session["user_id"] == USER_ID)
    latest = max(of_person, key=lambda session: session["start_time"])
    return f"{latest['user_id']}-{latest['workout_id']}-{latest['session_id']}"


def set_filter(page: Page, name: str, value: str) -> None:
    """Set a filter as a person does."""
    field = page.locator(f"""[id$='"filter":"{name}"}}']""")
    if field.get_attribute("aria-haspopup") == "listbox":
        field.click()
        page.get_by_role("option", name=value, exact=True).click()
    elif field.get_attribute("placeholder"):
        field.fill(value)
    else:
        field.get_by_text(value, exact=True).click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", list(VIEWPORTS))
def test_every_page_opens_whole_and_fits_its_window(
    open_window: OpenWindow, session_ids: str, viewport: str, scheme: str
) -> None:
    page = open_window(viewport, scheme)
    for url, (picture, title) in PAGES.items():
        open_page(page, url.replace("SESSION", session_ids))
        if title:
            expect(page.get_by_role("heading", level=1)).to_have_text(title)
        assert page.get_by_text(FAILED).count() == 0, url
        assert page.evaluate("document.documentElement.scrollWidth") == VIEWPORTS[viewport]["width"], url
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (max(map(int, background[4:-1].split(","))) < 60) == (scheme == "dark"), url
        if os.environ.get("FITNESS_WRITE_PICTURES") == "1" and f"{picture}-{viewport}-{scheme}" in DOCUMENTED:
            PICTURES.mkdir(parents=True, exist_ok=True)
            page.wait_for_timeout(400)
            page.screenshot(
                path=PICTURES / f"dashboard-{picture}-{viewport}-{scheme}.png", full_page=viewport == "desktop"
            )


_SCROLLING_CARDS = """[...document.querySelectorAll(".card, .card *")].filter(element => {
    const { overflowX, overflowY } = getComputedStyle(element);
    const scrolls = (overflow) => ["auto", "scroll"].includes(overflow);
    return (scrolls(overflowX) && element.scrollWidth > element.clientWidth)
        || (scrolls(overflowY) && element.scrollHeight > element.clientHeight);
}).map(element => element.closest(".card").ariaLabel)"""


def test_no_card_has_a_scroll_bar_on_a_desktop(open_window: OpenWindow, session_ids: str) -> None:
    page = open_window("desktop")
    for url in PAGES:
        open_page(page, url.replace("SESSION", session_ids))
        assert page.evaluate(_SCROLLING_CARDS) == [], url


@pytest.mark.parametrize("viewport", list(VIEWPORTS))
@pytest.mark.parametrize("url", list(FILTERS))
def test_every_filter_is_in_the_url_and_a_link_with_it_shows_the_same(
    open_window: OpenWindow, url: str, viewport: str
) -> None:
    page = open_page(open_window(viewport), url)
    for name, value in FILTERS[url].items():
        before = body_text(page)
        set_filter(page, name, value)
        page.wait_for_url(lambda current, name=name: f"?{name}=" in current)
        page.wait_for_function(f"before => {_BODY_TEXT} !== before", arg=before)
        wait_until_rendered(page)
        assert page.get_by_text(FAILED).count() == 0, name
        after, link = body_text(page), page.url
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=PAGES[url][1]).click()
        page.wait_for_function(f"before => {_BODY_TEXT} !== before", arg=after)
    assert body_text(open_page(page, link)) == after


def test_the_back_button_takes_a_filter_away_again_and_the_control_follows(open_window: OpenWindow) -> None:
    page = open_page(open_window(), "/gyms")
    everything = body_text(page)
    set_filter(page, "gym", "Gym 2")
    page.wait_for_url("**/gyms?gym=2")
    set_filter(page, "period", "7 days")
    page.wait_for_url("**/gyms?gym=2&period=7")
    page.go_back()
    page.go_back()
    page.wait_for_url("**/gyms")
    page.wait_for_function(f"everything => {_BODY_TEXT} === everything", arg=everything)
    expect(page.get_by_role("combobox", name="Gym").or_(page.get_by_label("Gym", exact=True)).first).to_have_value(
        "All gyms"
    )
    page.go_forward()
    page.wait_for_url("**/gyms?gym=2")
    expect(page.get_by_label("Gym", exact=True).first).to_have_value("Gym 2")


def test_the_answer_to_each_question_is_two_clicks_away(open_window: OpenWindow, sample: TableBuilder) -> None:
    """How hard was the last workout, when is the gym busy, who is she, is the data good: from the first page on."""
    page = open_page(open_window(), "/")
    pages = page.get_by_role("navigation", name="Pages")
    pages.get_by_role("link", name="Workouts").click()
    page.locator("#body tbody a").first.click()
    expect(page.get_by_role("heading", name="Time in zones")).to_be_visible()
    pages.get_by_role("link", name="People").click()
    page.get_by_role("table").locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="Profile changes")).to_be_visible()
    pages.get_by_role("link", name="Now").click()
    page.get_by_role("link", name="Gym 2").click()
    expect(page.get_by_role("heading", name="Busiest hours")).to_be_visible()
    page.wait_for_url("**/gyms?gym=2")
    pages.get_by_role("link", name="Data quality").click()
    expect(page.get_by_role("heading", name="Freshness of each table")).to_be_visible()


def test_what_a_card_shows_comes_as_csv_and_parquet_with_the_same_filter(
    open_window: OpenWindow, sample: TableBuilder
) -> None:
    page = open_page(open_window(), "/workouts?gym=3")
    total = int(page.locator("#body .value").first.inner_text().replace(",", ""))
    with page.expect_download() as download_info:
        page.get_by_role("link", name="Download all sessions that match as CSV").click()
    assert download_info.value.suggested_filename == "workouts-sessions.csv"
    rows = list(csv.DictReader(download_info.value.path().open(encoding="utf-8")))
    assert len(rows) == total > 0 and {row["gym"] for row in rows} == {"3"}
    with page.expect_download() as download_info:
        page.get_by_role("link", name="Download all sessions that match as Parquet").click()
    table = parquet.read_table(io.BytesIO(download_info.value.path().read_bytes()))
    assert table.num_rows == total and set(table["gym"].to_pylist()) == {3}


def test_everything_is_reached_by_keyboard_and_the_focus_is_seen(open_window: OpenWindow) -> None:
    page = open_page(open_window(), "/gyms")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "page"
    page.keyboard.press("Tab")
    expect(page.get_by_label("Gym", exact=True).first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "gym=" in url)
    expect(page.get_by_label("Gym", exact=True).first).to_be_focused()
    focused = set()
    for _ in range(16):
        page.keyboard.press("Tab")
        focused.add(page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent).trim()"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid" or page.evaluate("document.activeElement === document.body")
    assert {"Download the hours of the week as CSV", "Download time in each gym as Parquet"} <= focused
    page.get_by_role("link", name="People").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_light_and_dark_follow_the_system_until_the_switch_is_used_which_is_remembered(open_window: OpenWindow) -> None:
    page = open_page(open_window(scheme="dark"), "/")
    scheme = "document.documentElement.dataset.mantineColorScheme"
    assert page.evaluate(scheme) == "dark"
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"() => {scheme} === 'light'")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.wait_for_function(f"() => {scheme} === 'dark'")
    open_page(page, "/gyms")
    assert page.evaluate(scheme) == "dark"


def test_names_are_masked_unless_they_may_be_seen(
    open_window: OpenWindow, serve: Serve, sample: TableBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles = sample.delta_table("silver_db.user_profile").to_pyarrow_table().to_pylist()
    profile = next(row for row in profiles if row["user_id"] == USER_ID)
    name = f"{profile['first_name']} {profile['last_name']}"
    page = open_page(open_window(), f"/people/{USER_ID}")
    assert profile["last_name"] not in page.content() and profile["street_address"] not in page.content()
    expect(page.get_by_text("Names and addresses are masked")).to_be_visible()
    monkeypatch.setenv("FITNESS_SHOW_NAMES", "1")
    site = serve(sample, ticking_from(NOW))
    page = open_page(open_window(site=site), f"/people/{USER_ID}")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_text("Names and addresses are shown")).to_be_visible()
