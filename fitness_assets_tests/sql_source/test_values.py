"""Values of the source as the contract's texts: exact times, and text that the landing zone can tell from its own."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from fitness_assets.contracts.feeds import GYM_LOGINS, REGISTERED_USERS
from fitness_assets.sql_source.csv_lines import csv_line, epoch_text
from fitness_assets_tests.sql_source.database import Database

NOON = datetime(2026, 2, 28, 12)
"""1772280000."""
PARIS = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NOON, "1772280000"),
        (NOON.replace(tzinfo=PARIS), "1772276400"),
        (NOON.replace(microsecond=1), "1772280000.000001"),
        (datetime(1969, 12, 31, 23, 59, 59, 500_000), "-0.5"),
        (datetime(1, 1, 1), "-62135596800"),
        (1772280000.1, "1772280000.1"),
        (1772280000.1234567, "1772280000.123457"),
        (1e15, "1000000000000000"),
        (Decimal("1772280000.5000"), "1772280000.5"),
        (Decimal("1.77228E+9"), "1772280000"),
        (Decimal("123456789012345678901234567890.125"), "123456789012345678901234567890.125"),
        (float("nan"), "nan"),
        (Decimal("Infinity"), "Infinity"),
    ],
)
def test_a_time_is_epoch_seconds_without_noise(value: Any, text: str) -> None:
    assert epoch_text(value) == text


@pytest.mark.parametrize(
    ("mac", "text"),
    [
        ("aa", "aa"),
        (None, ""),
        ("", '""'),
        ("a,b", '"a,b"'),
        (' a"b\\', '" a\\"b\\\\"'),
        ("back\\slash", "back\\slash"),
        ("two\r\nlines\nor\rmore", "two lines or more"),
        ("nul\0", "nul\ufffd"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("Ü\u2028", '"Ü\u2028"'),
        (b"\x4c\xc5", "4cc5"),
    ],
)
def test_odd_text_is_one_field_of_one_line(mac: Any, text: str) -> None:
    assert csv_line((1, Decimal("2.00"), mac, 3), REGISTERED_USERS.fields) == f"1,2,{text},3"


def test_what_does_not_fit_its_field_is_left_for_the_reader_to_refuse() -> None:
    assert csv_line(("aa", 5.5, "yesterday", True), GYM_LOGINS.fields) == "aa,5.5,yesterday,True"
    assert csv_line(("aa", 5.0, "2026-13-99 12:00", None), GYM_LOGINS.fields) == "aa,5,2026-13-99 12:00,"


@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "BIGINT", "NUMERIC(20, 7)"])
def test_datetimes_and_numbers_give_the_same_lines(database: Database, kind: str) -> None:
    time = "2026-02-28 12:00:00+00:00" if "ZONE" in kind else "2026-02-28 12:00:00"
    value = time if kind.startswith("TIMESTAMP") else 1772280000
    database.sql("DROP TABLE gym_logins")
    database.sql(f"CREATE TABLE gym_logins (mac_address VARCHAR(40), gym INT, login {kind}, logout {kind}, more INT)")
    database.sql("INSERT INTO gym_logins VALUES (?, ?, ?, ?, 1)", ("aa", 5, value, None))
    database.extract()
    assert database.landed() == ["aa,5,1772280000,"]


def test_an_infinite_time_stops_no_other_row(database: Database) -> None:
    database.sql("DROP TABLE gym_logins")
    database.sql("CREATE TABLE gym_logins (mac_address TEXT, gym INT, login TIMESTAMP, logout TIMESTAMP)")
    database.logins(("aa", 5, "2026-02-28 12:00:00.25", "infinity"))
    database.extract()
    assert database.landed()[0].lower() == "aa,5,1772280000.25,infinity"


def test_columns_are_found_by_name_whatever_their_order(database: Database) -> None:
    database.sql("DROP TABLE gym_logins")
    database.sql('CREATE TABLE gym_logins (id INT, "Logout" BIGINT, login BIGINT, gym INT, mac_address TEXT)')
    database.sql("INSERT INTO gym_logins VALUES (?, ?, ?, ?, ?)", (9, 20, 10, 5, "a\nb"))
    database.extract()
    assert database.landed() == ["a b,5,10,20"]
