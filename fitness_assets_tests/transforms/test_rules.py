"""What is accepted, what is refused, and why: from a landed line to its reason."""

import json
from datetime import date
from typing import Any

import pytest
from pyspark.sql import SparkSession

from fitness_assets.contracts.feeds import (
    GYM_LOGINS,
    KAFKA_RECORDS,
    REGISTERED_USERS,
    FileFeed,
    rejection_reasons,
)
from fitness_assets.transforms.profiles import latest_event, user_profile
from fitness_assets.transforms.records import BrokerRecord, BrokerRecordJudge, BronzeRows
from fitness_assets.transforms.registrations import users
from fitness_assets.transforms.workouts import heart_rate
from fitness_assets_tests.judged import LOADED, judged
from fitness_assets_tests.rows import at, found

PROFILE = {"user_id": 1, "update_type": "new", "timestamp": 1678521900.5, "dob": "02/29/2000", "first_name": "Zoë"}
READING = {"device_id": 1, "time": 1678521901.0, "heartrate": 61.2}
ACTION = {"user_id": 1, "workout_id": 2, "session_id": 3, "timestamp": 1678521900, "action": "start"}


def reasons_of(feed: FileFeed, *lines: str | bytes) -> list[str | None]:
    reasons = judged(feed, *lines)["reason"].to_pylist()
    assert {reason for reason in reasons if reason} <= set(rejection_reasons())
    return list(reasons)


def record(of_topic: str, event: dict[str, Any] | str, **changes: Any) -> str:
    value = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
    return json.dumps(
        {"key": "1", "value": value, "topic": of_topic, "partition": 0, "offset": 1, "timestamp": 1678521900} | changes
    )


def test_registrations() -> None:
    lines: dict[str | bytes, str | None] = {
        "1,2,aa:bb,1678451168": None,
        "1,2,aa:bb,1678451168.25": None,
        '1,2,"aa,bb",1678451168': None,
        ",2,aa:bb,1678451168": "missing_user_id",
        "x,2,aa:bb,1678451168": "bad_user_id",
        "1.5,2,aa:bb,1678451168": "bad_user_id",
        "99999999999999999999,2,aa:bb,1678451168": "bad_user_id",
        "1,,aa:bb,1678451168": "missing_device_id",
        "1,2,,1678451168": "missing_mac_address",
        "1,2,aa:bb,": "missing_registration_timestamp",
        "1,2,aa:bb,soon": "bad_registration_timestamp",
        "1,2,aa:bb,NaN": "bad_registration_timestamp",
        "1,2,aa:bb,1e400": "bad_registration_timestamp",
        "1,2,aa:bb": "malformed",
        "1,2,aa:bb,1678451168,more": "malformed",
        b"1,2,aa\xe9bb,1678451168": "malformed",
        b"1,2,aa\0bb,1678451168": "malformed",
        '1,2,a"a:bb,1678451168': "malformed",
        '8,80,"4c:08': "malformed",
        '1,2,"aa"bb,1678451168': "malformed",
        "1,2,aa:bb,253402300800": "bad_registration_timestamp",
        "1,2,aa:bb,-62135596801": "bad_registration_timestamp",
        "," * 25_000: "malformed",
    }
    assert reasons_of(REGISTERED_USERS, *lines) == list(lines.values())


def test_logins() -> None:
    lines = {
        "aa:bb,5,1678521600,1678526100": None,
        "aa:bb,5,1678521600,": None,
        "aa:bb,5,1678521600,1678521600": None,
        "aa:bb,5,1678521600,1678521599.999999": "logout_before_login",
        "aa:bb,five,1678521600,": "bad_gym",
        "aa:bb,5,,1678526100": "missing_login",
        "aa:bb,5,1678521600,later": "bad_logout",
    }
    assert reasons_of(GYM_LOGINS, *lines) == list(lines.values())


KAFKA = [
    (record("user_info", PROFILE), None),
    (record("user_info", PROFILE | {"dob": None}), None),
    (record("user_info", PROFILE | {"address": {"zip": "N/A"}}), None),
    (record("user_info", PROFILE | {"dob": "02/30/2000"}), "bad_dob"),
    (record("user_info", PROFILE | {"dob": "2000-02-29"}), "bad_dob"),
    (record("user_info", PROFILE | {"dob": ""}), "bad_dob"),
    (record("user_info", PROFILE | {"update_type": "upsert"}), "unknown_update_type"),
    (record("user_info", PROFILE | {"user_id": None}), "missing_user_id"),
    (record("user_info", PROFILE | {"user_id": "1"}), "bad_user_id"),
    (record("user_info", PROFILE | {"timestamp": "1678521900"}), "bad_timestamp"),
    (record("bpm", READING), None),
    (record("bpm", READING | {"heartrate": -1}), None),
    (record("bpm", READING | {"heartrate": 0}), None),
    (record("bpm", '{"device_id": 1, "time": 1678521901.0, "heartrate": NaN}'), "bad_heartrate"),
    (record("bpm", '{"device_id": 1, "time": 1678521901.0, "heartrate": 1e999}'), "bad_heartrate"),
    (record("bpm", {"device_id": 1, "time": 1678521901.0}), "missing_heartrate"),
    (record("bpm", READING | {"time": 1e20}), "bad_time"),
    (record("bpm", READING | {"device_id": 1.5}), "bad_device_id"),
    (record("workout", ACTION), None),
    (record("workout", ACTION | {"action": "pause"}), "unknown_action"),
    (record("workout", ACTION | {"session_id": 2**40}), "bad_session_id"),
    (record("steps", READING), "unknown_topic"),
    (record("x" * 300, READING), "unknown_topic"),
    (record("bpm", "not json"), "malformed"),
    (record("bpm", "[]"), "malformed"),
    (record("bpm", '{"device_id": 1} and more'), "malformed"),
    (record("bpm", '{"device_id": 1'), "malformed"),
    (record("bpm", READING, value=READING), "bad_value"),
    ('{"key":"1","value" : {},"topic":"bpm"}', "bad_value"),
    ('{"key":"1","value":\t{"a":1},"topic":"bpm"}', "bad_value"),
    ('{"key":"1","value":5,"topic":"bpm"}', "bad_value"),
    (record("user_info", PROFILE | {"dob": "01/01/0000"}), "bad_dob"),
    (record("user_info", PROFILE | {"timestamp": 253402300799.9999996}), "bad_timestamp"),
    (record("user_info", PROFILE | {"first_name": "\ud800"}), "malformed"),
    (record("bpm", READING | {"device_id": 10**400}), "bad_device_id"),
    (record("bpm", READING | {"device_id": True}), "bad_device_id"),
    (record("bpm", READING | {"heartrate": 10**400}), "bad_heartrate"),
    ("[" * 100_000, "malformed"),
    (record("bpm", "[" * 100_000), "malformed"),
    (record("bpm", READING, value=None), "missing_value"),
    (record("bpm", READING, topic=None), "missing_topic"),
    (record("bpm", READING, timestamp="soon", offset="x"), None),
    ("{", "malformed"),
    ("[1, 2]", "malformed"),
    (record("bpm", READING) + record("bpm", READING), "malformed"),
]


def test_kafka_records() -> None:
    assert reasons_of(KAFKA_RECORDS, *[line for line, _ in KAFKA]) == [reason for _, reason in KAFKA]


def test_what_came_is_kept_byte_for_byte_where_the_columns_do_not_hold_all_of_it() -> None:
    lines: list[str | bytes] = [
        "{",
        record("bpm", READING, timestamp="soon"),
        record("bpm", READING, headers=[]),
        record("bpm", READING),
        b"\xff",
    ]
    rows = judged(KAFKA_RECORDS, *lines)
    assert rows["raw"].to_pylist() == [*lines[:3], None, "/w=="]
    assert rows["raw_encoding"].to_pylist() == [None] * 4 + ["base64"]
    assert judged(REGISTERED_USERS, "x,2,aa:bb,1678451168").select(["user_id", "device_id", "raw"]).to_pylist() == [
        {"user_id": None, "device_id": 2, "raw": "x,2,aa:bb,1678451168"}
    ]


def test_the_day_and_week_of_a_record() -> None:
    lines = [record("bpm", READING, timestamp=time) for time in (1678521900, 1678521900000, 1678608000, 10**18)]
    rows = judged(KAFKA_RECORDS, *lines, weeks={date(2023, 3, 11): "2023-11"})
    assert [tuple(row.values()) for row in rows.select(["date", "week_part", "topic_group"]).to_pylist()] == [
        (date(2023, 3, 11), "2023-11", "bpm"),
        (date(2023, 3, 11), "2023-11", "bpm"),
        (date(2023, 3, 12), None, "bpm"),
        (None, None, "bpm"),
    ]


def test_readings_with_their_time_and_validity(spark: SparkSession) -> None:
    events = [READING | {"heartrate": rate, "time": 1678521901.25} for rate in (61.2, 0, -3.5)]
    rows = heart_rate(spark.createDataFrame(judged(KAFKA_RECORDS, *[record("bpm", event) for event in events])))
    when = at("2023-03-11 08:05:01.25")
    assert found(rows) == [(1, when, -3.5, False), (1, when, 0.0, False), (1, when, 61.2, True)]


@pytest.mark.parametrize(
    "written", ["4C-C5-9F-CB-13-BD", "4c:c5:9f:cb:13:bd", "4cc5.9fcb.13bd", "4Cc59fCB13bd", "no address", "4c:c5"]
)
def test_a_device_is_one_thing_in_every_notation_of_its_address(spark: SparkSession, written: str) -> None:
    is_address = len(written) > 10 and written[0] == "4"
    rows = users(spark.createDataFrame(judged(REGISTERED_USERS, f"1,2,{written},1678451168")))
    assert found(rows, "mac_address") == [("4c:c5:9f:cb:13:bd" if is_address else written,)]


@pytest.mark.parametrize("turned", [False, True])
def test_the_latest_profile_event_wins_and_ties_go_to_the_greater_text(spark: SparkSession, turned: bool) -> None:
    older = PROFILE | {"timestamp": 1678521900.0, "first_name": "Older"}
    one = PROFILE | {"first_name": "Ana", "sex": "F"}
    other = PROFILE | {"first_name": "Zoë", "address": {"city": "Española", "zip": 87532}}
    lines = [record("user_info", event) for event in (older, one, other)]
    rows = user_profile(spark.createDataFrame(judged(KAFKA_RECORDS, *(lines[::-1] if turned else lines))))
    best = rows.groupBy("user_id").agg(latest_event().aggregate().alias("best"))
    assert found(best, "best.first_name", "best.city", "best.zip", "best.dob", "best.sex", "best.updated") == [
        ("Zoë", "Española", 87532, date(2000, 2, 29), None, at("2023-03-11 08:05:00.5"))
    ]


def test_a_key_or_a_value_that_is_no_text_is_kept_beside_it() -> None:
    rows = BronzeRows(KAFKA_RECORDS, LOADED)
    value = json.dumps(READING).encode()
    BrokerRecordJudge(rows, {"bpm": "kafka://bpm/id"}).take(
        [
            BrokerRecord(key, content, "bpm", 0, 1, 1678521900000)
            for key, content in [
                (b"\0\0\0\0\0\0\0\7", value),
                (b"\xff", value),
                (None, b"\xff"),
                (b"1", b"{\0}"),
                (b"1", None),
            ]
        ]
    )
    columns = ["key", "key_base64", "value_base64", "reason", "event_device_id"]
    assert [tuple(row.values()) for row in rows.take().select(columns).to_pylist()] == [
        (None, "AAAAAAAAAAc=", None, None, 1),
        (None, "/w==", None, None, 1),
        (None, None, "/w==", "malformed", None),
        ("1", None, "ewB9", "malformed", None),
        ("1", None, None, "missing_value", None),
    ]
