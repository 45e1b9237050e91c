"""One person's page, with what may be seen and what may not."""

import json
from datetime import date

import pytest

from fitness_assets.dashboard.queries.people.person import Person, get_person
from fitness_assets_tests.dashboard.table_builder import TableBuilder, utc

NOON = utc("06-01 12:00:00")


def existing_person(builder: TableBuilder, user_id: int = 1, unmasked: bool = False) -> Person:
    person = get_person(builder.reader, user_id, NOON, unmasked).value
    assert person is not None
    return person


@pytest.fixture
def with_person(builder: TableBuilder) -> TableBuilder:
    builder.add_user(1)
    builder.write("silver_db.user_bins", {"user_id": 1, "age": "35-45"})
    builder.add_profile(
        1,
        **{"first_name": "Ana", "last_name": "Silva", "dob": date(1986, 6, 1), "sex": "F", "gender": "NB"},
        **{"street_address": "12 Oak Street", "city": "Austin", "state": "TX", "zip": 78701},
    )
    builder.write(
        "bronz_db.registered_users_bz",
        *({"user_id": 1, "device_id": device} for device in (10, 99, 99)),
        {"user_id": 2, "device_id": 77},
        {"user_id": None, "raw": "rubbish"},
    )
    return builder


def test_what_tells_who_somebody_is_is_masked(with_person: TableBuilder) -> None:
    person = existing_person(with_person)
    assert (person.name, person.mac_address, person.is_masked) == ("••• •••", "•••", True)
    profile = person.profile
    assert profile is not None
    assert (profile.first_name, profile.dob, profile.sex) == ("•••", None, "•••")
    assert (profile.street_address, profile.zip) == ("•••", "•••")
    assert (profile.age, profile.gender, profile.city, profile.state) == ("35-45", "NB", "Austin", "TX")
    text = repr(person) + repr(person.workouts.to_pylist()) + repr(person.profile_history.to_pylist())
    assert not [word for word in ("Ana", "Silva", "Oak", "78701", "1986", "mac1") if word in text]


def test_who_may_see_it_sees_it(with_person: TableBuilder) -> None:
    person = existing_person(with_person, unmasked=True)
    assert (person.name, person.mac_address, person.is_masked) == ("Ana Silva", "mac1", False)
    profile = person.profile
    assert profile is not None
    assert (profile.dob, profile.street_address, profile.zip) == (date(1986, 6, 1), "12 Oak Street", "78701")


def test_further_devices_are_told(with_person: TableBuilder) -> None:
    person = existing_person(with_person)
    assert (person.device_id, person.other_devices) == (10, (99,))


def test_visits_and_workouts_are_told_the_latest_first_and_sums_leave_out_what_is_open(
    with_person: TableBuilder,
) -> None:
    with_person.add_visit(1, 5, utc("05-01 09:00:00"), utc("05-01 10:00:00"))
    with_person.add_visit(1, 6, utc("06-01 11:00:00"))
    with_person.add_visit(2, 6, utc("06-01 11:00:00"))
    with_person.add_session(1, 1, utc("05-01 09:10:00"), utc("05-01 09:40:00"))
    with_person.add_session(1, 2, utc("06-01 11:10:00"))
    session = {"user_id": 1, "workout_id": 1, "session_id": 1}
    visit = {"mac_address": "mac1", "gym": 5, "login": utc("05-01 09:00:00"), "date": date(2026, 5, 1)}
    with_person.write("gold_db.gym_summary", session | visit | {"minutes_in_gym": 60.0, "minutes_exercising": 30.0})
    person = existing_person(with_person)
    assert person.visits.select(["gym", "minutes", "sessions", "minutes_exercising"]).to_pylist() == [
        {"gym": 6, "minutes": None, "sessions": 0, "minutes_exercising": 0},
        {"gym": 5, "minutes": 60, "sessions": 1, "minutes_exercising": 30},
    ]
    assert person.workouts["status"].to_pylist() == ["under way", "finished"]
    assert (person.minutes_in_gym, person.minutes_exercising, person.current_gym) == (60, 30, 6)


def event(user_id: int, timestamp: float, update_type: str, **fields: object) -> str:
    return json.dumps({"user_id": user_id, "update_type": update_type, "timestamp": timestamp} | fields)


def test_changes_of_the_profile_are_told_from_the_events(with_person: TableBuilder) -> None:
    address = {"city": "Austin", "street_address": "1 Oak Street"}
    values = [
        event(1, 1000.5, "new", first_name="Ana", dob="06/01/1986", address=address),
        event(1, 3000.0, "delete"),
        event(1, 2000.0, "update", first_name="Anke", dob="06/01/1986", address=address | {"city": "Portland"}),
        event(1, 2000.0, "update", first_name="Anke", dob="06/01/1986", address=address | {"city": "Portland"}),
        event(11, 1500.0, "update", first_name="Wei"),
        event(1, 1600.0, "update", dob="1986-06-01"),
        event(1, 1700.0, "upsert"),
        '{"user_id": 1, "update_type": "update", "timestamp": "soon"}',
        '{"user_id": 1, ',
        "[1]",
    ]
    rows = [{"topic_group": "user_info", "topic": "user_info", "value": value} for value in values]
    with_person.write("bronz_db.kafka_multiplex_bz", *rows)
    changes = existing_person(with_person, unmasked=True).profile_history.to_pylist()
    assert [change["update_type"] for change in changes] == ["delete", "update", "new"]
    assert changes[1]["fields"] == "first_name, city"
    assert (changes[1]["before"], changes[1]["after"]) == ("Ana, Austin", "Anke, Portland")
    assert changes[2]["time"] == utc("01-01 00:16:40.500000").replace(year=1970)
    masked = existing_person(with_person).profile_history.to_pylist()
    assert (masked[1]["before"], masked[1]["after"]) == ("•••, Austin", "•••, Portland")
    assert masked[2]["after"] == "•••, •••, •••, Austin"


def test_somebody_without_profile_visits_or_registration_still_has_a_page(builder: TableBuilder) -> None:
    builder.add_user(3)
    builder.add_session(4, 1, utc("06-01 11:50:00"))
    newcomer, stranger = existing_person(builder, 3), existing_person(builder, 4)
    assert (newcomer.name, newcomer.profile, newcomer.current_gym) == ("Person 3", None, None)
    assert (newcomer.minutes_in_gym, newcomer.visits.num_rows, newcomer.profile_history.num_rows) == (0, 0, 0)
    assert (stranger.registered, stranger.device_id, stranger.mac_address) == (None, None, None)
    assert stranger.workouts.num_rows == 1


def test_nobody_is_none(with_person: TableBuilder) -> None:
    assert get_person(with_person.reader, 404).value is None
