"""The dashboard in a real browser, on real tables: what a person sees and does."""

import csv
import io
import os
import re

import pyarrow.parquet as parquet
import pytest
from playwright.sync_api import Page, expect

from fitness_assets_tests.dashboard.browser import PICTURES, SIZES, opened, settled, ticking_from
from fitness_assets_tests.dashboard.conftest import Open, Serve
from fitness_assets_tests.dashboard.lived_in import NOW
from fitness_assets_tests.dashboard.questions.zone import Zone

PERSON = 10004
BROKEN = re.compile("(can|could) ?not be shown")
PAGES = {
    "/": ("now", "Now"),
    "/workouts": ("workouts", "Workouts"),
    "/workouts/SESSION": ("workout", ""),
    "/gyms": ("gyms", "Gyms"),
    "/people": ("people", "People"),
    f"/people/{PERSON}": ("person", ""),
    "/quality": ("quality", "Data quality"),
}
DOCUMENTED = {
    *(f"{picture}-desk-light" for picture, _ in PAGES.values()),
    *("workout-desk-dark", "now-phone-light", "workout-phone-dark"),
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
        "person": str(PERSON),
    },
    "/gyms": {"gym": "Gym 2", "zone": "Europe/Berlin", "count": "People there", "period": "7 days"},
    "/people": {"find": "portland", "step": "By week"},
    "/quality": {"reason": "malformed", "source": "gym_logins_bz", "loaded": "24 h"},
}


_SHOWN = """(() => {
    const copy = document.querySelector("#body").cloneNode(true);
    copy.querySelectorAll("time, .downloads, .dash-graph").forEach(one => one.remove());
    return copy.textContent;
})()"""


def shown(page: Page) -> str:
    """What the page says, without charts, and without ages, which go on by themselves."""
    return str(page.evaluate(_SHOWN))


@pytest.fixture(scope="module")
def session(filled: Zone) -> str:
    """The latest finished session of the person, as its address has it."""
    rows = filled.delta("silver_db.completed_workouts").to_pyarrow_table().to_pylist()
    last = max((row for row in rows if row["user_id"] == PERSON), key=lambda row: row["start_time"])
    return f"{last['user_id']}-{last['workout_id']}-{last['session_id']}"


def choose(page: Page, name: str, value: str) -> None:
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
@pytest.mark.parametrize("size", list(SIZES))
def test_every_page_opens_whole_and_fits_its_window(window: Open, session: str, size: str, scheme: str) -> None:
    page = window(size, scheme)
    for address, (picture, title) in PAGES.items():
        opened(page, address.replace("SESSION", session))
        if title:
            expect(page.get_by_role("heading", level=1)).to_have_text(title)
        assert page.get_by_text(BROKEN).count() == 0, address
        assert page.evaluate("document.documentElement.scrollWidth") == SIZES[size]["width"], address
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (max(map(int, background[4:-1].split(","))) < 60) == (scheme == "dark"), address
        if os.environ.get("FITNESS_WRITE_PICTURES") == "1" and f"{picture}-{size}-{scheme}" in DOCUMENTED:
            PICTURES.mkdir(parents=True, exist_ok=True)
            page.wait_for_timeout(400)
            page.screenshot(path=PICTURES / f"dashboard-{picture}-{size}-{scheme}.png", full_page=size == "desk")


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("address", list(FILTERS))
def test_every_filter_is_in_the_address_and_a_link_with_it_shows_the_same(
    window: Open, address: str, size: str
) -> None:
    page = opened(window(size), address)
    for name, value in FILTERS[address].items():
        before = shown(page)
        choose(page, name, value)
        page.wait_for_url(lambda url, name=name: f"?{name}=" in url)
        page.wait_for_function(f"before => {_SHOWN} !== before", arg=before)
        settled(page)
        assert page.get_by_text(BROKEN).count() == 0, name
        after, link = shown(page), page.url
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=PAGES[address][1]).click()
        page.wait_for_function(f"before => {_SHOWN} !== before", arg=after)
    assert shown(opened(page, link)) == after


def test_the_back_button_takes_a_filter_away_again_and_the_control_follows(window: Open) -> None:
    page = opened(window(), "/gyms")
    everything = shown(page)
    choose(page, "gym", "Gym 2")
    page.wait_for_url("**/gyms?gym=2")
    choose(page, "period", "7 days")
    page.wait_for_url("**/gyms?gym=2&period=7")
    page.go_back()
    page.go_back()
    page.wait_for_url("**/gyms")
    page.wait_for_function(f"everything => {_SHOWN} === everything", arg=everything)
    expect(page.get_by_role("combobox", name="Gym").or_(page.get_by_label("Gym", exact=True)).first).to_have_value(
        "All gyms"
    )
    page.go_forward()
    page.wait_for_url("**/gyms?gym=2")
    expect(page.get_by_label("Gym", exact=True).first).to_have_value("Gym 2")


def test_the_answer_to_each_question_is_two_clicks_away(window: Open, filled: Zone) -> None:
    """How hard was the last workout, when is the gym busy, who is she, is the data good: from the first page on."""
    page = opened(window(), "/")
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


def test_what_a_card_shows_comes_as_csv_and_parquet_with_the_same_filter(window: Open, filled: Zone) -> None:
    page = opened(window(), "/workouts?gym=3")
    total = int(page.locator("#body .value").first.inner_text().replace(",", ""))
    with page.expect_download() as comes:
        page.get_by_role("link", name="Download all sessions that match as CSV").click()
    assert comes.value.suggested_filename == "workouts-sessions.csv"
    rows = list(csv.DictReader(comes.value.path().open(encoding="utf-8")))
    assert len(rows) == total > 0 and {row["gym"] for row in rows} == {"3"}
    with page.expect_download() as comes:
        page.get_by_role("link", name="Download all sessions that match as Parquet").click()
    table = parquet.read_table(io.BytesIO(comes.value.path().read_bytes()))
    assert table.num_rows == total and set(table["gym"].to_pylist()) == {3}


def test_everything_is_reached_by_keyboard_and_the_focus_is_seen(window: Open) -> None:
    page = opened(window(), "/gyms")
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
    reached = set()
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent).trim()"))
        seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert seen == "solid" or page.evaluate("document.activeElement === document.body")
    assert {"Download the hours of the week as CSV", "Download time in each gym as Parquet"} <= reached
    page.get_by_role("link", name="People").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_light_and_dark_follow_the_system_until_the_switch_is_used_which_is_remembered(window: Open) -> None:
    page = opened(window(scheme="dark"), "/")
    scheme = "document.documentElement.dataset.mantineColorScheme"
    assert page.evaluate(scheme) == "dark"
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"() => {scheme} === 'light'")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.wait_for_function(f"() => {scheme} === 'dark'")
    opened(page, "/gyms")
    assert page.evaluate(scheme) == "dark"


def test_names_are_masked_unless_they_may_be_seen(
    window: Open, serve: Serve, filled: Zone, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles = filled.delta("silver_db.user_profile").to_pyarrow_table().to_pylist()
    profile = next(row for row in profiles if row["user_id"] == PERSON)
    name = f"{profile['first_name']} {profile['last_name']}"
    page = opened(window(), f"/people/{PERSON}")
    assert profile["last_name"] not in page.content() and profile["street_address"] not in page.content()
    expect(page.get_by_text("Names and addresses are masked")).to_be_visible()
    monkeypatch.setenv("FITNESS_SHOW_NAMES", "1")
    site = serve(filled, ticking_from(NOW))
    page = opened(window(at=site), f"/people/{PERSON}")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_text("Names and addresses are shown")).to_be_visible()
