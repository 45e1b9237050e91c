"""Rejected records: counted, filtered, and masked."""

import pytest

from fitness_assets.dashboard.queries.quality.rejected_records import count_rejected_records, list_rejected_records
from fitness_assets_tests.dashboard.table_builder import TableBuilder, utc

KAFKA, LOGINS = "bronz_db.kafka_multiplex_bz", "bronz_db.gym_logins_bz"


def add_rejected(builder: TableBuilder, source: str, reason: str, loaded: str | None, record: str = "x") -> None:
    row = {"source_table": source, "reason": reason, "record": record, "source_file": "a.json"}
    builder.write("silver_db.quarantine", row | {"load_time": utc(loaded) if loaded else None})


def test_rejected_records_are_counted_by_reason_and_source_and_over_time(builder: TableBuilder) -> None:
    add_rejected(builder, KAFKA, "malformed", "06-01 10:10:00")
    add_rejected(builder, KAFKA, "malformed", "06-01 10:50:00")
    add_rejected(builder, KAFKA, "malformed", "06-01 11:00:00")
    add_rejected(builder, LOGINS, "bad_gym", "06-01 11:00:00")
    add_rejected(builder, LOGINS, "malformed", None)
    builder.write(LOGINS, *({"load_time": utc("06-01 11:00:00")} for _ in range(7)))
    builder.write(KAFKA, *({"load_time": utc("06-01 10:00:00"), "topic_group": "bpm"} for _ in range(5)))
    counts = count_rejected_records(builder.reader).value
    assert (counts.total, counts.loaded, counts.unit) == (5, 12, "hour")
    assert [tuple(row.values()) for row in counts.by_reason.to_pylist()] == [
        ("malformed", KAFKA, 3, utc("06-01 11:00:00")),
        ("bad_gym", LOGINS, 1, utc("06-01 11:00:00")),
        ("malformed", LOGINS, 1, None),
    ]
    assert [tuple(row.values()) for row in counts.over_time.to_pylist()] == [
        (utc("06-01 10:00:00"), "malformed", KAFKA, 2),
        (utc("06-01 11:00:00"), "bad_gym", LOGINS, 1),
        (utc("06-01 11:00:00"), "malformed", KAFKA, 1),
    ]


def test_rejected_records_are_filtered_by_time_reason_and_source(builder: TableBuilder) -> None:
    add_rejected(builder, KAFKA, "malformed", "05-01 10:10:00")
    add_rejected(builder, KAFKA, "bad_time", "06-01 10:10:00")
    builder.write(KAFKA, *({"load_time": utc(f"0{month}-01 10:00:00"), "topic_group": "bpm"} for month in (5, 6, 6)))
    builder.write(LOGINS, {"load_time": utc("06-01 10:00:00")})
    assert count_rejected_records(builder.reader).value.unit == "day"
    recent = count_rejected_records(builder.reader, since=utc("06-01 00:00:00")).value
    assert (recent.total, recent.loaded) == (1, 3)
    assert count_rejected_records(builder.reader, until=utc("06-01 00:00:00"), sources=(KAFKA,)).value.loaded == 1
    assert count_rejected_records(builder.reader, reasons=("bad_time",)).value.total == 1
    assert count_rejected_records(builder.reader, sources=(LOGINS,)).value.total == 0


def test_a_rejected_record_keeps_its_shape_and_hides_what_it_says(builder: TableBuilder) -> None:
    record = '{"user_id": 12, "first_name": "Søren", "dob": "1/2/03", "action": "stop"}'
    add_rejected(builder, KAFKA, "bad_dob", "06-01 10:00:00", record)
    masked = list_rejected_records(builder.reader).value["record"][0].as_py()
    assert masked == '{"user_id": 99, "first_name": "xxxxx", "dob": "9/9/99", "action": "stop"}'
    assert list_rejected_records(builder.reader, unmasked=True).value["record"][0].as_py() == record


def test_the_latest_rejected_records_come_first_and_no_more_than_asked_for(builder: TableBuilder) -> None:
    for day in ("05-01", "06-01", "04-01"):
        add_rejected(builder, KAFKA, "malformed", f"{day} 10:00:00", day)
    records = list_rejected_records(builder.reader, limit=2, unmasked=True).value
    assert records["record"].to_pylist() == ["06-01", "05-01"]


@pytest.mark.parametrize("text", [None, ""])
def test_no_record_has_no_shape(builder: TableBuilder, text: str | None) -> None:
    builder.write("silver_db.quarantine", {"source_table": KAFKA, "reason": "malformed", "record": text})
    assert list_rejected_records(builder.reader).value["record"].to_pylist() == [text]
