"""A mended rule judges bronze again: what is read otherwise flows on, exactly once, and is told."""

import pytest

from fitness_assets.contracts import feeds
from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse
from fitness_assets.pipeline.state.ingested_files import IngestedFiles
from fitness_assets.transforms.records import csv_file, values
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS, NOON, profile, reading

pytestmark = pytest.mark.slow

KAFKA, PROFILES, QUARANTINE = "bronz_db.kafka_multiplex_bz", "silver_db.user_profile", "silver_db.quarantine"


def mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(values._DAYS, "MM/dd/yyyy", values._DAYS["yyyy-MM-dd"])
    monkeypatch.setattr(feeds, "RULES_VERSION", feeds.RULES_VERSION + 1)


def land_profiles(platform: Platform) -> None:
    platform.land(
        "kafka_multiplex_bz",
        "a.json",
        [
            profile(1, NOON, dob="2000-02-29"),
            profile(2, NOON, dob="02/29/2000"),
            profile(3, NOON),
            reading(1, NOON, 60.0),
        ],
    )


def test_records_that_are_read_otherwise_flow_on(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    land_profiles(platform)
    platform.update()
    assert platform.rows(PROFILES, "user_id") == [(2,), (3,)]
    mend(monkeypatch)
    result = platform.update()[KAFKA]
    assert (result.mode, result.reason, result.updated) == ("full", "its rules changed", 2)
    assert "1 from accepted to bad_dob, 1 from bad_dob to accepted" in result.warnings[0]
    assert platform.rows(PROFILES, "user_id") == [(1,), (3,)]
    assert platform.rows(QUARANTINE, "reason, line_number") == [("bad_dob", 2)]
    assert len(platform.rows(KAFKA)) == 4
    assert platform.update()[KAFKA].mode == "unchanged"


def test_rules_that_read_everything_as_before_write_nothing(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_profiles(platform)
    platform.land("kafka_multiplex_bz", "b.json", b"\xff\n{\n")
    platform.land("gym_logins_bz", "a.csv", ["Gym,mac_address,login,more", "5,aa,1,x", "5,aa,1", '"'])
    platform.land("gym_logins_bz", "b.csv", ["nothing"])
    platform.update()
    before = {name: platform.version(name) for name in (KAFKA, "bronz_db.gym_logins_bz", QUARANTINE)}
    monkeypatch.setattr(feeds, "RULES_VERSION", feeds.RULES_VERSION + 1)
    platform.update()
    assert {name: platform.version(name) for name in before} == before


def test_an_update_that_is_killed_once_bronze_was_judged_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_profiles(platform)
    platform.update()
    mend(monkeypatch)
    with monkeypatch.context() as killed:
        replace_batches = LocalLakehouse.replace_batches

        def replace_and_die(*arguments: object) -> int:
            replace_batches(*arguments)  # type: ignore[arg-type]
            raise KeyboardInterrupt

        killed.setattr(LocalLakehouse, "replace_batches", replace_and_die)
        with pytest.raises(KeyboardInterrupt):
            platform.update()
    platform.update()
    assert platform.rows(PROFILES, "user_id") == [(1,), (3,)]
    assert len(platform.rows(QUARANTINE)) == 1


def test_files_that_a_killed_update_appended_count_once_although_the_rules_changed_since(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_profiles(platform)
    platform.update(KAFKA)
    platform.land("kafka_multiplex_bz", "b.json", [reading(1, NOON + 1, 61.0)])
    with monkeypatch.context() as killed:

        def killed_here(*_: object) -> None:
            raise KeyboardInterrupt

        killed.setattr(IngestedFiles, "write", killed_here)
        with pytest.raises(KeyboardInterrupt):
            platform.update(KAFKA)
    mend(monkeypatch)
    platform.update(KAFKA)
    assert len(platform.rows(KAFKA)) == 5


def test_a_file_that_was_refused_is_tried_again(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.land("gym_logins_bz", "a.csv", [LOGINS.replace("gym", "gymnasium"), "aa,5,1,2"])
    platform.land("gym_logins_bz", "b.csv", ["something", "else"])
    platform.update()
    assert platform.rows("silver_db.gym_logs") == []
    read_header = csv_file.read_header

    def with_another_name(text: str, feed: FileFeed) -> tuple[dict[str, int], dict[str, int]] | None:
        return read_header(text.replace("gymnasium", "gym"), feed)

    monkeypatch.setattr(csv_file, "read_header", with_another_name)
    monkeypatch.setattr(feeds, "RULES_VERSION", feeds.RULES_VERSION + 1)
    platform.update()
    assert platform.rows("silver_db.gym_logs", "mac_address") == [("aa",)]
    assert platform.rows(QUARANTINE, "reason, source_file") == [
        ("wrong_header", "gym_logins_bz/a.csv"),
        ("wrong_header", "gym_logins_bz/b.csv"),
    ]
