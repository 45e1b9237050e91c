"""An erasure that is killed anywhere is finished by doing it again; records of a broker and of SQL stay away."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from fitness_assets.cli.main import main
from fitness_assets.contracts.feeds import GYM_LOGINS, REGISTERED_USERS
from fitness_assets.live.broker.server import Broker
from fitness_assets.privacy import erase, find_person
from fitness_assets_tests.durability.stress.faults import COMMITS, KilledError, killed_at
from fitness_assets_tests.pipeline.kafka_platform import KafkaPlatform, events
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.privacy.test_erasure import one_of, places_of, rows_of_others
from fitness_assets_tests.records import NOON, REGISTERED
from fitness_assets_tests.sql_source.database import SqliteDatabase

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [2, 11])
def test_an_erasure_that_was_killed_is_done_again(of_many: Platform, number: int) -> None:
    person = one_of(of_many)
    before, found = rows_of_others(of_many, person), find_person(of_many.lake, user=str(person[0]))
    with killed_at(number), suppress(KilledError):
        erase(of_many.lake, found)
    assert erase(of_many.lake, found).found == ()
    assert places_of(of_many.settings.base_dir, person) == []
    assert rows_of_others(of_many, person) == before
    assert {result.mode for result in of_many.update().values()} == {"unchanged"}


def test_an_erasure_that_was_killed_is_done_again_although_the_registration_is_gone(of_many: Platform) -> None:
    """As a person would do it, by the device."""
    person = one_of(of_many)
    before = rows_of_others(of_many, person)
    with killed_at(2, kinds=(COMMITS,)), suppress(KilledError):
        erase(of_many.lake, find_person(of_many.lake, device=str(person[1])))
    assert main(["run"]) == 0
    assert person[0] not in [user for (user,) in of_many.rows("silver_db.users", "user_id")]
    assert main(["erase", "--device", str(person[1]), "--yes"]) == 0
    assert places_of(of_many.settings.base_dir, person) == []
    assert rows_of_others(of_many, person) == before


def test_what_still_lies_on_the_broker_is_not_read_in_again(platform: Platform, empty_broker: Broker) -> None:
    kafka = KafkaPlatform(platform, empty_broker)
    kafka.make("bpm")
    registered = [REGISTERED, f"1,1,aabbccddee01,{NOON}", f"2,20,aabbccddee02,{NOON}"]
    platform.land("registered_users_bz", "a.csv", registered)
    of_another = json.dumps({"device_id": 20, "time": NOON, "heartrate": 60})
    kafka.send(*events(1, 3), of_another)
    platform.update("silver_db.heart_rate", "bronz_db.kafka_multiplex_bz", "bronz_db.registered_users_bz")
    report = erase(platform.lake, find_person(platform.lake, user="1"))
    assert report.remains and report.tables["silver_db.heart_rate"] == 2
    kafka.send(*events(4, 6))
    platform.update()
    for note in platform.settings.checkpoint_zone.rglob("progress.json"):
        note.unlink()
    platform.update()
    assert platform.rows("silver_db.heart_rate", "device_id") == [(20,)]


def test_what_was_extracted_is_forgotten_and_not_extracted_again(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = SqliteDatabase(tmp_path, monkeypatch)
    platform = Platform(database.settings.base_dir, lambda: spark)
    database.users((1, 10, "aabbccddee01", NOON), (2, 20, "aabbccddee02", NOON))
    database.logins(("aabbccddee01", 5, NOON, None), ("aabbccddee02", 5, NOON, None))
    for feed in (REGISTERED_USERS, GYM_LOGINS):
        database.extract(feed)
    platform.update()
    report = erase(platform.lake, find_person(platform.lake, user="1"))
    assert report.extracted == 2 and report.found == ()
    assert [database.extract(feed, full=True).landed for feed in (REGISTERED_USERS, GYM_LOGINS)] == [0, 0]
    platform.update()
    assert platform.rows("silver_db.gym_logs", "mac_address") == [("aa:bb:cc:dd:ee:02",)]
    assert platform.rows("silver_db.users", "user_id") == [(2,)]
