"""The URL of a page, and when the page of a URL is drawn again."""

from datetime import timedelta
from itertools import pairwise

from fitness_assets.dashboard.components.tables.pagination import page_offset
from fitness_assets.dashboard.page_url import PageUrl, parse_int
from fitness_assets.dashboard.pages.page_version import PageVersion, get_page_version
from fitness_assets.dashboard.pages.registry import get_page
from fitness_assets_tests.dashboard.dashboard_sample import NOW
from fitness_assets_tests.dashboard.table_builder import TableBuilder


def test_a_url_is_what_its_link_says() -> None:
    url = PageUrl.parse("/gyms/", "?gym=2&zone=Europe%2FBerlin")
    assert (url.path, url.get_int("gym"), url.get("zone")) == ("/gyms", 2, "Europe/Berlin")
    assert str(url) == "/gyms?gym=2&zone=Europe%2FBerlin"
    assert str(url.with_parameter("gym", "3")) == "/gyms?zone=Europe%2FBerlin&gym=3"
    assert str(url.with_parameter("gym", "")) == "/gyms?zone=Europe%2FBerlin"
    assert [parse_int(text) for text in ("7", "-7", "", "x", "²", "1" * 30)] == [7, -7, None, None, None, None]


def test_a_page_has_another_version_after_a_commit_and_only_then(builder: TableBuilder) -> None:
    page = get_page(PageUrl.parse("/gyms", ""))

    def version() -> PageVersion:
        return get_page_version(builder.reader, page, NOW)

    versions = [version()]
    builder.add_visit(1, 5, NOW)
    versions += [version() for _ in range(2)]
    builder.add_visit(2, 5, NOW)
    versions.append(version())
    assert [before == after for before, after in pairwise(versions)] == [False, True, False]


def test_a_page_that_shows_the_present_has_another_version_after_some_seconds(builder: TableBuilder) -> None:
    page = get_page(PageUrl.parse("/", ""))
    in_ten_seconds = get_page_version(builder.reader, page, NOW + timedelta(seconds=10))
    assert get_page_version(builder.reader, page, NOW) != in_ten_seconds


def test_a_page_that_no_list_has_is_a_number_that_a_query_can_hold() -> None:
    assert 0 < page_offset(PageUrl(parameters={"page": "9" * 18})) < 2**63
