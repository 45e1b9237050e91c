"""One person's page, with what may be seen and what may not."""

import json
from datetime import date

import pytest

from fitness_assets.dashboard.questions.person import Person, person
from fitness_assets_tests.dashboard.questions.zone import Zone, at

NOON = at("06-01 12:00:00")


def asked(zone: Zone, user_id: int = 1, **more: object) -> Person:
    found = person(zone.lake, user_id, NOON, **more).value  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.fixture
def lived(zone: Zone) -> Zone:
    zone.user(1)
    zone.put("silver_db.user_bins", {"user_id": 1, "age": "35-45"})
    zone.profile(
        1,
        **{"first_name": "Ana", "last_name": "Silva", "dob": date(1986, 6, 1), "sex": "F", "gender": "NB"},
        **{"street_address": "12 Oak Street", "city": "Austin", "state": "TX", "zip": 78701},
    )
    zone.put(
        "bronz_db.registered_users_bz",
        *({"user_id": 1, "device_id": device} for device in (10, 99, 99)),
        {"user_id": 2, "device_id": 77},
        {"user_id": None, "raw": "rubbish"},
    )
    return zone


def test_what_tells_who_somebody_is_is_masked(lived: Zone) -> None:
    found = asked(lived)
    assert (found.name, found.mac_address, found.masked) == ("A••• S•••", "•••", True)
    profile = found.profile
    assert profile is not None
    assert (profile.first_name, profile.dob, profile.sex) == ("A•••", None, "•••")
    assert (profile.street_address, profile.zip) == ("•••", "•••")
    assert (profile.age, profile.gender, profile.city, profile.state) == ("35-45", "NB", "Austin", "TX")
    told = repr(found) + repr(found.workouts.to_pylist()) + repr(found.changes.to_pylist())
    assert not [word for word in ("Ana", "Silva", "Oak", "78701", "1986", "mac1") if word in told]


def test_who_may_see_it_sees_it(lived: Zone) -> None:
    found = asked(lived, unmasked=True)
    assert (found.name, found.mac_address, found.masked) == ("Ana Silva", "mac1", False)
    profile = found.profile
    assert profile is not None
    assert (profile.dob, profile.street_address, profile.zip) == (date(1986, 6, 1), "12 Oak Street", "78701")


def test_further_devices_are_told(lived: Zone) -> None:
    assert (asked(lived).device_id, asked(lived).other_devices) == (10, (99,))


def test_visits_and_workouts_are_told_the_latest_first_and_sums_leave_out_what_is_open(lived: Zone) -> None:
    lived.visit(1, 5, at("05-01 09:00:00"), at("05-01 10:00:00"))
    lived.visit(1, 6, at("06-01 11:00:00"))
    lived.visit(2, 6, at("06-01 11:00:00"))
    lived.session(1, 1, at("05-01 09:10:00"), at("05-01 09:40:00"))
    lived.session(1, 2, at("06-01 11:10:00"))
    of = {"user_id": 1, "workout_id": 1, "session_id": 1, "mac_address": "mac1", "gym": 5}
    day = {"login": at("05-01 09:00:00"), "date": date(2026, 5, 1)}
    lived.put("gold_db.gym_summary", of | day | {"minutes_in_gym": 60.0, "minutes_exercising": 30.0})
    found = asked(lived)
    assert found.visits.select(["gym", "minutes", "sessions", "minutes_exercising"]).to_pylist() == [
        {"gym": 6, "minutes": None, "sessions": 0, "minutes_exercising": 0},
        {"gym": 5, "minutes": 60, "sessions": 1, "minutes_exercising": 30},
    ]
    assert found.workouts["status"].to_pylist() == ["under way", "finished"]
    assert (found.minutes_in_gym, found.minutes_exercising, found.in_gym) == (60, 30, 6)


def event(user_id: int, time: float, kind: str, **more: object) -> str:
    return json.dumps({"user_id": user_id, "update_type": kind, "timestamp": time} | more)


def test_changes_of_the_profile_are_told_from_the_events(lived: Zone) -> None:
    place = {"city": "Austin", "street_address": "1 Oak Street"}
    values = [
        event(1, 1000.5, "new", first_name="Ana", dob="06/01/1986", address=place),
        event(1, 3000.0, "delete"),
        event(1, 2000.0, "update", first_name="Anke", dob="06/01/1986", address=place | {"city": "Portland"}),
        event(1, 2000.0, "update", first_name="Anke", dob="06/01/1986", address=place | {"city": "Portland"}),
        event(11, 1500.0, "update", first_name="Wei"),
        event(1, 1600.0, "update", dob="1986-06-01"),
        event(1, 1700.0, "upsert"),
        '{"user_id": 1, "update_type": "update", "timestamp": "soon"}',
        '{"user_id": 1, ',
        "[1]",
    ]
    rows = [{"topic_group": "user_info", "topic": "user_info", "value": value} for value in values]
    lived.put("bronz_db.kafka_multiplex_bz", *rows)
    changes = asked(lived, unmasked=True).changes.to_pylist()
    assert [change["kind"] for change in changes] == ["delete", "update", "new"]
    assert changes[1]["what"] == "first_name, city"
    assert (changes[1]["before"], changes[1]["after"]) == ("Ana, Austin", "Anke, Portland")
    assert changes[2]["time"] == at("01-01 00:16:40.500000").replace(year=1970)
    masked = asked(lived).changes.to_pylist()
    assert (masked[1]["before"], masked[1]["after"]) == ("A•••, Austin", "A•••, Portland")
    assert masked[2]["after"] == "•••, A•••, •••, Austin"


def test_somebody_without_profile_visits_or_registration_still_has_a_page(zone: Zone) -> None:
    zone.user(3)
    zone.session(4, 1, at("06-01 11:50:00"))
    registered, stranger = asked(zone, 3), asked(zone, 4)
    assert (registered.name, registered.profile, registered.in_gym) == ("Person 3", None, None)
    assert (registered.minutes_in_gym, registered.visits.num_rows, registered.changes.num_rows) == (0, 0, 0)
    assert (stranger.registered, stranger.device_id, stranger.mac_address) == (None, None, None)
    assert stranger.workouts.num_rows == 1


def test_nobody_is_none(lived: Zone) -> None:
    assert person(lived.lake, 404).value is None
