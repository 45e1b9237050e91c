"""Records that are judged many at a time are judged as one by one."""

import random
import re
from datetime import date

import pyarrow.compute as pc
import pytest

from fitness_assets.contracts.feeds import GYM_LOGINS, KAFKA_RECORDS, REGISTERED_USERS, FileFeed
from fitness_assets.transforms.records import (
    BrokerRecord,
    BrokerRecordJudge,
    BronzeRows,
    SecondJudge,
    SourceFile,
    open_judge,
)
from fitness_assets_tests.fuzz.mutations import kafka_line, mutated
from fitness_assets_tests.judged import LOADED
from fitness_assets_tests.records import action, reading

WEEKS = {date(2026, 2, 28): "2026-9"}


def rows_of(lines: list[bytes], at_once: int) -> tuple[list[dict[str, object]], int]:
    """The rows, by line number, and how many of them came many at a time."""
    rows = BronzeRows(KAFKA_RECORDS, LOADED, WEEKS)
    judge = open_judge(KAFKA_RECORDS, rows, SourceFile("f"), b"")
    for start in range(0, len(lines), at_once):
        judge.take(lines[start : start + at_once])
    many = sum(table.num_rows for table in rows._tables)
    return sorted(rows.take().to_pylist(), key=lambda row: row["line_number"]), many


@pytest.mark.parametrize("seed", range(3))
def test_lines_in_any_form_and_with_any_fault(seed: int) -> None:
    rng = random.Random(seed)
    lines = [mutated(kafka_line(rng), rng) for _ in range(3_000)]
    many, count = rows_of(lines, 3_000)
    one_by_one, _ = rows_of(lines, 1)
    assert count > 150
    for found, expected in zip(many, one_by_one, strict=True):
        assert found == expected, lines[int(str(expected["line_number"])) - 1]


def test_most_real_records_are_judged_many_at_a_time() -> None:
    lines = [reading(1, 1678521901.5 + number, 61.2).encode() for number in range(600)]
    lines += [action(1, 2, 1678521901.0 + number, "start").encode() for number in range(600)]
    assert rows_of(lines, 1200)[1] == 1200


NUMBERS = (
    "5", "-5", "0", "-0", "007", "+5", " 5", "5 ", "5.0", "5.25", "0.0001", "0.00001", "1e3", "1E+3", "1e999", ".5",
    "5.", "NaN", "Infinity", "true", "null", "[]", "1_000", "0x10", "2147483648", "9223372036854775808", "1" * 40,
    "253402300799.9999995", "-62135596800", "-62135596801", "123456.7890123456789", "", "\x00", "5\t",
)  # fmt: skip
TEXTS = ("start", "stop", "", "a b", "a\\\\b", '\\"', "\x7f", "\t", "\x00", "\\u0041", "a,b", "{}", "':'")
FORMS = (
    r'{"key":"%s","value":"{\"device_id\": %n, \"time\": %n, \"heartrate\": %n}","topic":"bpm","partition":%n,'
    r'"offset":%n,"timestamp":%n}',
    r'{"key": null, "value": "{\"device_id\":%n,\"firmware\":%n,\"time\":%n,\"heartrate\":%n,\"os\":\"%s\"}", "topic": '
    r'"bpm", "partition": %n, "offset": %n, "timestamp": %n}',
    r'{"headers":"%s","timestamp":%n,"key":"%s","value":"{\"user_id\":%n,\"workout_id\":%n,\"timestamp\":%n,\"action\":'
    r'\"%s\",\"session_id\":%n,\"x\":%n}","topic":"workout","partition":%n,"offset":%n,"size":%n}',
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(2))
def test_lines_of_one_form_with_anything_in_its_holes(form: str, seed: int) -> None:
    rng = random.Random(seed)

    def filled(odd: float) -> bytes:
        def of(hole: re.Match[str]) -> str:
            is_odd = rng.random() < odd
            if hole[0] == "%n":
                return rng.choice(NUMBERS) if is_odd else str(1_772_280_000 + rng.randrange(1000))
            return rng.choice(TEXTS) if is_odd else "start"

        return re.sub("%[ns]", of, form).encode()

    lines = [filled(0.0) for _ in range(10)] + [filled(rng.choice([0.0, 0.02, 0.2])) for _ in range(3_000)]
    many, count = rows_of(lines, 4_000)
    one_by_one, _ = rows_of(lines, 1)
    assert count > 1_000
    for found, expected in zip(many, one_by_one, strict=True):
        assert found == expected, lines[int(str(expected["line_number"])) - 1]


def test_what_the_contract_does_not_know_is_told_and_kept() -> None:
    lines = [re.sub("%[ns]", "5", FORMS[1]).encode() for _ in range(600)]
    rows = BronzeRows(KAFKA_RECORDS, LOADED, WEEKS)
    open_judge(KAFKA_RECORDS, rows, SourceFile("f"), b"").take(lines)
    assert rows.unknown_fields == {"bpm.firmware", "bpm.os"}
    table = rows.take()
    assert set(table["unknown_fields"].to_pylist()) == {'{"bpm.firmware": "5", "bpm.os": "5"}'}


@pytest.mark.parametrize("seed", range(3))
def test_records_of_a_broker(seed: int) -> None:
    rng = random.Random(seed)
    topics = ("bpm", "workout", "user_info", "steps")
    records = [
        BrokerRecord(
            key=rng.choice([b"1", None, b"\0" * 8, b"\xff"]),
            value=rng.choice([None, mutated(b'{"device_id": 1, "time": 1678521901.5, "heartrate": 61}', rng)]),
            topic=rng.choice(topics),
            partition=0,
            offset=number,
            timestamp=1_772_280_000_000,
        )
        for number in range(2_000)
    ]
    assert broker_rows(records, 2_000) == broker_rows(records, 1)


def broker_rows(records: list[BrokerRecord], at_once: int) -> list[dict[str, object]]:
    rows = BronzeRows(KAFKA_RECORDS, LOADED, WEEKS)
    judge = BrokerRecordJudge(rows, {topic: f"kafka://{topic}/id" for topic in {record.topic for record in records}})
    for start in range(0, len(records), at_once):
        judge.take(records[start : start + at_once])
    return sorted(rows.take().to_pylist(), key=lambda row: row["offset"])


@pytest.mark.parametrize("feed", [GYM_LOGINS, REGISTERED_USERS])
@pytest.mark.parametrize("header", ["", "reversed"])
def test_lines_of_csv(feed: FileFeed, header: str) -> None:
    rng = random.Random(feed.name + header)
    names = feed.header.split(",")[:: -1 if header else 1]
    plain = {"mac_address": "aa:bb", "gym": "5", "login": "1678521600.25", "logout": "1678526100", "user_id": "7"}
    plain |= {"device_id": "70", "registration_timestamp": "1678521600"}
    odd = ["", " 5", "5 ", "05", "+5", "5.", ".5", "1e3", "-1", "NaN", '"5"', '"', "9" * 20, "253402300800", "x", "\t"]
    lines = [",".join(names).encode()]
    for _ in range(3_000):
        fields = {name: rng.choice(odd) if rng.random() < 0.1 else plain[name] for name in names}
        lines.append(mutated(",".join(fields.values()).encode(), rng))
    many, count = csv_rows(feed, lines, 1_000)
    one_by_one, _ = csv_rows(feed, lines, 1)
    assert count > 500
    for found, expected in zip(many, one_by_one, strict=True):
        assert found == expected, lines[int(str(expected["line_number"])) - 1]


def csv_rows(feed: FileFeed, lines: list[bytes], at_once: int) -> tuple[list[dict[str, object]], int]:
    rows = BronzeRows(feed, LOADED)
    judge = open_judge(feed, rows, SourceFile("it's"), b"")
    judge.take(lines[:1])
    for start in range(1, len(lines), at_once):
        judge.take(lines[start : start + at_once])
    many = sum(table.num_rows for table in rows._tables)
    return sorted(rows.take().to_pylist(), key=lambda row: row["line_number"]), many


def test_judged_again_what_is_read_as_before_is_told_at_once_and_what_is_not_is_found() -> None:
    lines = [reading(1, 1.0 + number, 60.0).encode() for number in range(700)]
    lines += [action(1, 2, 5.0 + number, "start").encode() for number in range(300)]
    rows = BronzeRows(KAFKA_RECORDS, LOADED, WEEKS)
    open_judge(KAFKA_RECORDS, rows, SourceFile("f"), b"").take(lines)
    table = rows.take()
    judge = SecondJudge(KAFKA_RECORDS)
    assert judge.judge(table) is table and not judge.changed
    place = table.schema.get_field_index("event_heartrate")
    other = table.set_column(place, table.schema.field(place), pc.add(table["event_heartrate"], 1.0))
    mended = judge.judge(other)
    assert judge.changed == {("accepted", "accepted"): 700}
    assert mended.sort_by("line_number").equals(table.sort_by("line_number"))
