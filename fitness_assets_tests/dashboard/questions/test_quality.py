"""Refused records, the state of each table, the last checks, and Kafka where there is one."""

import json
import time
from pathlib import Path

import pytest
from confluent_kafka import Producer

from fitness_assets.contracts.registry import get_table
from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.questions import quality
from fitness_assets.kafka.settings import KafkaSettings
from fitness_assets.live.broker import Broker
from fitness_assets.live.ports import free_port
from fitness_assets.pipeline.quality.checks import run_checks
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.settings import Settings
from fitness_assets_tests.dashboard.questions.zone import Zone, at

NOON = at("06-01 12:00:00")
KAFKA, LOGINS = "bronz_db.kafka_multiplex_bz", "bronz_db.gym_logins_bz"


def refuse(zone: Zone, source: str, reason: str, loaded: str | None, record: str = "x") -> None:
    row = {"source_table": source, "reason": reason, "record": record, "source_file": "a.json"}
    zone.put("silver_db.quarantine", row | {"load_time": at(loaded) if loaded else None})


def test_refused_records_are_counted_by_reason_and_source_and_over_time(zone: Zone) -> None:
    refuse(zone, KAFKA, "malformed", "06-01 10:10:00")
    refuse(zone, KAFKA, "malformed", "06-01 10:50:00")
    refuse(zone, KAFKA, "malformed", "06-01 11:00:00")
    refuse(zone, LOGINS, "bad_gym", "06-01 11:00:00")
    refuse(zone, LOGINS, "malformed", None)
    zone.put(LOGINS, *({"load_time": at("06-01 11:00:00")} for _ in range(7)))
    zone.put(KAFKA, *({"load_time": at("06-01 10:00:00"), "topic_group": "bpm"} for _ in range(5)))
    found = quality.refused(zone.lake).value
    assert (found.total, found.records, found.step) == (5, 12, "hour")
    assert [tuple(row.values()) for row in found.by_reason.to_pylist()] == [
        ("malformed", KAFKA, 3, at("06-01 11:00:00")),
        ("bad_gym", LOGINS, 1, at("06-01 11:00:00")),
        ("malformed", LOGINS, 1, None),
    ]
    assert [tuple(row.values()) for row in found.over_time.to_pylist()] == [
        (at("06-01 10:00:00"), "malformed", KAFKA, 2),
        (at("06-01 11:00:00"), "bad_gym", LOGINS, 1),
        (at("06-01 11:00:00"), "malformed", KAFKA, 1),
    ]


def test_refused_records_are_filtered_by_time_reason_and_source(zone: Zone) -> None:
    refuse(zone, KAFKA, "malformed", "05-01 10:10:00")
    refuse(zone, KAFKA, "bad_time", "06-01 10:10:00")
    zone.put(KAFKA, *({"load_time": at(f"0{month}-01 10:00:00"), "topic_group": "bpm"} for month in (5, 6, 6)))
    zone.put(LOGINS, {"load_time": at("06-01 10:00:00")})
    assert quality.refused(zone.lake).value.step == "day"
    late = quality.refused(zone.lake, since=at("06-01 00:00:00")).value
    assert (late.total, late.records) == (1, 3)
    assert quality.refused(zone.lake, until=at("06-01 00:00:00"), sources=(KAFKA,)).value.records == 1
    assert quality.refused(zone.lake, reasons=("bad_time",)).value.total == 1
    assert quality.refused(zone.lake, sources=(LOGINS,)).value.total == 0


def test_a_refused_record_keeps_its_shape_and_hides_what_it_says(zone: Zone) -> None:
    record = '{"user_id": 12, "first_name": "Søren", "dob": "1/2/03", "action": "stop"}'
    refuse(zone, KAFKA, "bad_dob", "06-01 10:00:00", record)
    masked = quality.refused_records(zone.lake).value["record"][0].as_py()
    assert masked == '{"user_id": 99, "first_name": "xxxxx", "dob": "9/9/99", "action": "stop"}'
    assert quality.refused_records(zone.lake, unmasked=True).value["record"][0].as_py() == record


def test_the_latest_refused_records_come_first_and_no_more_than_asked_for(zone: Zone) -> None:
    for day in ("05-01", "06-01", "04-01"):
        refuse(zone, KAFKA, "malformed", f"{day} 10:00:00", day)
    found = quality.refused_records(zone.lake, most=2, unmasked=True).value
    assert found["record"].to_pylist() == ["06-01", "05-01"]


def states(zone: Zone) -> dict[str, quality.TableState]:
    return {state.table: state for state in quality.tables(zone.lake, NOON)}


def test_a_table_is_not_there_empty_waiting_or_up_to_date(zone: Zone) -> None:
    assert {state.state for state in states(zone).values()} == {"not there"}
    zone.put("silver_db.workouts")
    zone.session(1, 1, at("06-01 10:00:00"), at("06-01 10:30:00"))
    zone.put("bronz_db.date_lookup")
    found = states(zone)
    assert found["bronz_db.date_lookup"].state == "empty"
    assert found["silver_db.workouts"].state == "up to date"
    assert found["silver_db.completed_workouts"].state == "waiting"
    assert found["silver_db.completed_workouts"].waits_for == ("silver_db.workouts",)


def note(zone: Zone, name: str, **more: str) -> None:
    """Note that the table has used its sources as they are now."""
    house = zone.lake.house
    versions = {source.table: house.log(get_table(source.table)).version() for source in get_table(name).sources}
    mine = house.log(get_table(name)).version()
    assert mine is not None
    used = {source: version for source, version in versions.items() if version}
    ProgressStore(zone.settings).write(get_table(name), Progress(mine, used, **more))


def test_a_table_waits_for_sources_that_changed_but_not_for_a_compaction(zone: Zone) -> None:
    for minute in range(3):
        zone.session(1, minute, at(f"06-01 10:0{minute}:00"), at("06-01 10:30:00"))
    note(zone, "silver_db.completed_workouts")
    zone.delta("silver_db.workouts").optimize.compact()
    state = states(zone)["silver_db.workouts"]
    assert (state.files, state.version, state.operation) == (1, 3, "WRITE")
    assert states(zone)["silver_db.completed_workouts"].state == "up to date"
    zone.session(1, 9, at("06-01 10:05:00"))
    assert states(zone)["silver_db.completed_workouts"].waits_for == ("silver_db.workouts",)


def test_ages_wait_for_a_new_day(zone: Zone) -> None:
    for name in ("silver_db.users", "silver_db.user_profile", "silver_db.user_bins"):
        zone.put(name)
    note(zone, "silver_db.user_bins", as_of="2020-01-01")
    assert states(zone)["silver_db.user_bins"].waits_for == ("a new day",)


def test_bronze_waits_for_files_that_landed(zone: Zone) -> None:
    folder = zone.settings.landing_zone / "gym_logins_bz"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("mac_address,gym,login,logout\n")
    assert states(zone)[LOGINS].waits_for == ("new files in the landing zone",)


def test_the_newest_event_is_told_and_no_wrong_clock(zone: Zone) -> None:
    zone.visit(1, 5, at("06-01 10:00:00"), at("06-01 11:00:00"))
    zone.readings(1, (at("06-01 11:30:00"), 100.0))
    zone.readings(1, (at("06-01 11:30:00").replace(year=2999), 100.0))
    found = states(zone)
    assert found["silver_db.gym_logs"].newest == at("06-01 11:00:00")
    assert found["silver_db.heart_rate"].newest == at("06-01 11:30:00")
    assert found["silver_db.gym_logs"].rows == 1
    assert found["silver_db.gym_logs"].bytes > 0


def test_checks_are_told_as_the_pipeline_found_them_and_whether_the_table_changed_since(zone: Zone) -> None:
    assert quality.checks(zone.lake) == ()
    zone.user(1)
    zone.user(2)
    run_checks(zone.lake.house, get_table("silver_db.users"))
    found = {one.name: one for one in quality.checks(zone.lake)}
    assert found["unique_key"].passed and found["unique_key"].current
    assert dict(found["unique_key"].figures) == {"rows": "2", "wrong": "0"}
    zone.user(2)
    assert not quality.checks(zone.lake)[0].current
    run_checks(zone.lake.house, get_table("silver_db.users"))
    first = quality.checks(zone.lake)[0]
    assert (first.name, first.passed, first.current) == ("unique_key", False, True)


def test_a_note_of_checks_that_cannot_be_read_is_no_check(zone: Zone) -> None:
    zone.user(1)
    run_checks(zone.lake.house, get_table("silver_db.users"))
    note_file = next(zone.settings.checkpoint_zone.rglob("checked.json"))
    note_file.write_text(json.dumps({"versions": 1}))
    assert quality.checks(zone.lake) == ()


def test_without_a_broker_there_is_no_lag(zone: Zone) -> None:
    assert quality.kafka_lag(zone.lake).state == "no broker"


def test_a_broker_that_is_not_there_keeps_no_page_waiting_and_is_told_in_time(tmp_path: Path) -> None:
    kafka = KafkaSettings(f"127.0.0.1:{free_port()}", "group")
    lake = Lake(Settings(tmp_path, kafka=kafka))
    began = time.monotonic()
    state = quality.kafka_lag(lake, patience=0.05)
    assert (state.state, state.records) == ("asking", 0)
    while state.state == "asking" and time.monotonic() - began < 30:
        state = quality.kafka_lag(lake, patience=1)
    assert state.state == "trouble"
    assert kafka.servers in (state.trouble or "")


def test_what_the_broker_holds_and_was_not_read_is_told_by_topic(tmp_path: Path, broker: Broker) -> None:
    producer = Producer({"bootstrap.servers": broker.address})
    for _ in range(3):
        producer.produce("bpm", "{}")
    producer.flush(20)
    lake = Lake(Settings(tmp_path, kafka=KafkaSettings(broker.address, "a group that read nothing")))
    state = quality.kafka_lag(lake, patience=20)
    assert (state.state, state.trouble) == ("answers", None)
    assert state.looked is not None
    bpm = next(topic for topic in state.topics if topic.topic == "bpm")
    assert bpm.records >= 3
    assert state.records >= 3


@pytest.mark.parametrize("text", [None, ""])
def test_no_record_has_no_shape(zone: Zone, text: str | None) -> None:
    zone.put("silver_db.quarantine", {"source_table": KAFKA, "reason": "malformed", "record": text})
    assert quality.refused_records(zone.lake).value["record"].to_pylist() == [text]
