"""Everything odd that people land, in one landing zone beside good records: what is good comes in, the rest is told."""

import gzip
import json
import os
from collections import Counter
from pathlib import Path

import pytest

from fitness_assets.contracts.registry import get_table
from fitness_assets.pipeline.landing import reader
from fitness_assets.pipeline.quality.checks import last_check_record
from fitness_assets.pipeline.state.ingested_files import IngestedFiles
from fitness_assets.pipeline.status import feed_statuses
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS, NOON, REGISTERED, action, profile, reading, record

pytestmark = pytest.mark.slow

MARK = b"\xef\xbb\xbf"
QUARANTINE = "silver_db.quarantine"


def csv(*lines: str, header: str = LOGINS) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


def land_csv(platform: Platform) -> None:
    land = platform.land
    land("registered_users_bz", "users.csv", csv("1,10,4C-C5-9F-CB-13-BD,1", "2,20,bb,2", header=REGISTERED))
    land("registered_users_bz", "quotes.csv", csv('8,80,"4c:08', f'9,90,4c:09",{NOON}', header=REGISTERED))
    land("gym_logins_bz", "gym_2026-11-23T10:00:00.csv", csv(f"4c:c5:9f:cb:13:bd,5,{NOON - 100},{NOON + 5000}"))
    land("gym_logins_bz", "Zürich.csv", csv("zurich,5,1,2"))
    land("gym_logins_bz", "commas.csv", csv("," * 25_000, "after commas,5,1,2"))
    land("gym_logins_bz", "separators.csv", csv("\u2028".join(["a,5,1,2"] * 8_000), "after separators,5,1,2"))
    land("gym_logins_bz", "marks.csv", MARK * 2 + csv("after marks,5,1,2"))
    land("gym_logins_bz", "nul.csv", csv(*[f"many{number},5,1,2" for number in range(100)], "nul\0,5,1,2"))
    land("gym_logins_bz", "packed/2026/z.CSV.GZ", gzip.compress(csv("packed,5,1,2")))
    land("gym_logins_bz", "order.csv", csv("2,1,5,new,order", header="logout,login,gym,wifi,MAC_ADDRESS"))
    land("gym_logins_bz", "missing.csv", csv("missing,1,2", header="mac_address,login,logout"))
    land("gym_logins_bz", "bomb.csv.gz", gzip.compress(b"\0" * 30_000_000))
    land("gym_logins_bz", "years.csv", csv("year 10000,5,253402300800,", "year 0,5,-62135596801,", "early,5,3,2"))


def land_json(platform: Platform) -> None:
    def land(name: str, *lines: str | bytes) -> None:
        content = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
        platform.land("kafka_multiplex_bz", name, content + b"\n")

    land("bpm_2026-11-23T10:00:00.json", reading(10, NOON + 10, 100.0), profile(1, NOON, dob="01/01/2000"))
    land("BPM.JSON", reading(10, NOON + 20, 110.0))
    land("ok.jsonl", action(1, 1, NOON, "start"))
    land("ok.ndjson", action(1, 1, NOON + 60, "stop"))
    land("topic=bpm/date=2026-02-28/x.json", reading(10, NOON + 30, 120.0))
    land("latin.json", profile(3, NOON, first_name="JosX").replace("JosX", "Jos\xe9").encode("latin-1"))
    land("object.json", *[_with_object(between) for between in (":", ": ", " : ", ":\t")])
    land("mark.json", MARK, MARK + reading(10, NOON + 40, 130.0).encode())
    land("long.json", reading(10, NOON + 50, 140.0), b"x" * (20 * 1024 * 1024), reading(10, NOON + 55, 150.0))
    land("dob.json", profile(4, NOON, dob="01/01/0000"))
    land("more.json", record("bpm", device_id=10, time=NOON + 56, heartrate=90.0, firmware="1.2"))
    land("deep.json", record("bpm", device_id=10, time=NOON, heartrate=1).replace("10,", "[" * 50_000 + ",", 1))


def land_odd_names(platform: Platform) -> None:
    folder = platform.settings.landing_zone / "gym_logins_bz"
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.csv")).write_bytes(csv("no text,5,1,2"))
    (folder / "link.csv").symlink_to(folder / "Zürich.csv")
    (folder / "notes.txt").write_text("nothing")
    os.mkfifo(folder / "pipe.csv")
    (folder / "_SUCCESS").touch()
    calendar = platform.settings.landing_zone / "date_lookup/6-date-lookup.json"
    calendar.mkdir(parents=True)
    (calendar / "part-0.json").write_text('{"date": "2026-02-28", "week_part": "2026-9"}\n')


def _with_object(between: str) -> str:
    value = json.dumps({"device_id": 10, "time": NOON, "heartrate": 1.0})
    return f'{{"key":"1","value"{between}{value},"topic":"bpm","partition":0,"offset":0,"timestamp":{NOON}}}'


def test_all_of_it_together(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_FILE_BYTES", 25_000_000)
    land_csv(platform)
    land_json(platform)
    land_odd_names(platform)
    results = platform.update()
    assert {mac for (mac,) in platform.rows("silver_db.gym_logs", "mac_address")} == {
        "4c:c5:9f:cb:13:bd",
        "zurich",
        "after commas",
        "after separators",
        "after marks",
        "packed",
        "order",
        "no text",
        *(f"many{number}" for number in range(100)),
    }
    assert [rate for (rate,) in platform.rows("silver_db.heart_rate", "heartrate")] == [
        100.0, 110.0, 120.0, 130.0, 140.0, 150.0, 90.0
    ]  # fmt: skip
    assert platform.rows("gold_db.gym_summary", "gym, mac_address, minutes_exercising") == [
        (5, "4c:c5:9f:cb:13:bd", 1.0)
    ]
    assert platform.rows("gold_db.workout_bpm_summary", "user_id, num_recordings, max_bpm") == [(1, 7, 150.0)]
    reasons = Counter(reason for (reason,) in platform.rows(QUARANTINE, "reason"))
    assert reasons == {
        "malformed": 2 + 1 + 1 + 1 + 1 + 1,
        "wrong_header": 1,
        "file_too_large": 1,
        "bad_login": 2,
        "logout_before_login": 1,
        "bad_value": 4,
        "line_too_long": 1,
        "bad_dob": 1,
    }
    (latin,) = [
        text
        for text, file in platform.rows(QUARANTINE, "record, source_file")
        if file == "kafka_multiplex_bz/latin.json"
    ]
    assert latin
    assert set(results["bronz_db.gym_logins_bz"].left_alone) == {"link.csv", "notes.txt", "pipe.csv"}
    assert "wifi" in results["bronz_db.gym_logins_bz"].warnings[0]
    assert "bpm.firmware" in results["bronz_db.kafka_multiplex_bz"].warnings[0]
    assert {result.mode for result in platform.update().values()} == {"unchanged"}
    assert all(not status.waiting for status in feed_statuses(platform.lake))


def test_the_last_one_read_is_a_files_content_whatever_its_time_says(platform: Platform) -> None:
    file = platform.land("gym_logins_bz", "a.csv", csv(*[f"m{number},5,1,2" for number in range(5)]))
    platform.update("bronz_db.gym_logins_bz", "silver_db.gym_logs")
    file.write_bytes(csv("later0,5,1,2", "later1,5,1,2"))
    os.utime(file, (0, 0))
    platform.update("bronz_db.gym_logins_bz", "silver_db.gym_logs")
    os.utime(file, (4_102_444_800, 4_102_444_800))
    platform.update("bronz_db.gym_logins_bz")
    file.write_bytes(csv("last,5,1,2"))
    platform.update("bronz_db.gym_logins_bz", "silver_db.gym_logs")
    assert len(platform.rows("bronz_db.gym_logins_bz")) == 8
    loads = Counter(load for (load,) in platform.rows("bronz_db.gym_logins_bz", "file_load"))
    assert loads == {1: 5, 2: 2, 3: 1}


def test_a_file_that_was_replaced_by_a_header_alone_has_no_record_that_is_missing(platform: Platform) -> None:
    table = "bronz_db.gym_logins_bz"
    platform.land("gym_logins_bz", "a.csv", csv("aa,5,1,2"))
    platform.update(table)
    platform.land("gym_logins_bz", "a.csv", csv())
    platform.update(table)
    platform.land("gym_logins_bz", "b.csv", csv("bb,5,1,2"))
    assert platform.update(table)[table].rows == 2


def test_a_file_that_was_only_touched_has_not_landed_again(platform: Platform) -> None:
    file = platform.land("gym_logins_bz", "a.csv", csv("aa,5,1,2"))
    bad = platform.land("gym_logins_bz", "b.csv", b"nothing")
    platform.update("bronz_db.gym_logins_bz")
    version = platform.version("bronz_db.gym_logins_bz")
    for one in (file, bad):
        os.utime(one, (5, 5))
        one.chmod(0o600)
    assert platform.update("bronz_db.gym_logins_bz")["bronz_db.gym_logins_bz"].mode == "unchanged"
    assert platform.version("bronz_db.gym_logins_bz") == version


def test_a_file_that_a_killed_update_appended_and_that_is_touched_later_has_landed_once(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = "bronz_db.gym_logins_bz"
    file = platform.land("gym_logins_bz", "a.csv", csv("aa,5,1,2"))

    def killed_here(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(IngestedFiles, "write", killed_here)
        with pytest.raises(KeyboardInterrupt):
            platform.update(table)
    platform.update(table)
    os.utime(file, (5, 5))
    platform.update(table)
    assert len(platform.rows(table)) == 1


def test_a_file_that_was_refused_comes_in_once_it_is_mended(platform: Platform) -> None:
    platform.land("gym_logins_bz", "a.csv", b"mac;gym\n")
    platform.update("bronz_db.gym_logins_bz", "silver_db.gym_logs")
    platform.land("gym_logins_bz", "a.csv", csv("aa,5,1,2"))
    platform.update("bronz_db.gym_logins_bz", "silver_db.gym_logs")
    assert platform.rows("silver_db.gym_logs", "mac_address") == [("aa",)]
    platform.update("bronz_db.gym_logins_bz", full=True)
    assert len(platform.rows("bronz_db.gym_logins_bz")) == 1


def test_a_base_that_was_moved_keeps_what_it_knows(platform: Platform) -> None:
    platform.land("gym_logins_bz", "below/a.csv", csv("aa,5,1,2"))
    platform.update("bronz_db.gym_logins_bz")
    moved = platform.settings.base_dir.with_name("moved")
    platform.settings.base_dir.rename(moved)
    other = Platform(moved, platform.spark)
    assert other.update("bronz_db.gym_logins_bz")["bronz_db.gym_logins_bz"].mode == "unchanged"
    assert other.update("bronz_db.gym_logins_bz", full=True)["bronz_db.gym_logins_bz"].rows == 1
    assert other.lake.log(get_table("bronz_db.gym_logins_bz")).row_count() == 1


def test_new_fields_are_told_once(platform: Platform) -> None:
    table = "bronz_db.gym_logins_bz"

    def new_fields() -> object:
        record = last_check_record(platform.settings, get_table(table))
        assert record is not None
        (check,) = [check for check in record.results if check.name == "known_fields"]
        assert check.passed == (check.figures["new"] == "none") and not check.blocking
        return check.figures["new"]

    platform.land("gym_logins_bz", "a.csv", csv("aa,5,1,2,x", header=f"{LOGINS},wifi"))
    assert "wifi" in platform.update(table)[table].warnings[0]
    assert new_fields() == "wifi"
    platform.land("gym_logins_bz", "b.csv", csv("bb,5,1,2,x", header=f"{LOGINS},wifi"))
    assert platform.update(table)[table].warnings == ()
    assert new_fields() == "none"
    platform.land("gym_logins_bz", "c.csv", csv("cc,5,1,2,x,y", header=f"{LOGINS},wifi,rssi"))
    (warning,) = platform.update(table)[table].warnings
    assert "rssi" in warning and "wifi" not in warning
    assert new_fields() == "rssi"
