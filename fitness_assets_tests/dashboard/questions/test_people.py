"""People in groups, trends, and the search; what a mask hides no search tells."""

from fitness_assets.dashboard.questions import people
from fitness_assets_tests.dashboard.questions.zone import Zone, after, at


def known(zone: Zone, user_id: int, age: str, **profile: object) -> None:
    zone.user(user_id)
    zone.profile(user_id, **profile)
    of = {name: profile.get(name) for name in ("gender", "city", "state")}
    zone.put("silver_db.user_bins", {"user_id": user_id, "age": age} | of)


def test_groups_are_of_registered_people_and_those_without_a_profile_are_told(zone: Zone) -> None:
    known(zone, 1, "25-35", sex="F", gender="F", city="Austin", state="TX")
    known(zone, 2, "25-35", sex="M", gender="NB", city="Austin", state="TX")
    known(zone, 3, "invalid age")
    zone.user(4)
    zone.profile(9, sex="F")
    found = people.groups(zone.lake).value
    assert (found.registered, found.without_profile) == (4, 1)
    ages = {group.value: (group.people, group.share) for group in found.ages}
    assert (ages["25-35"], ages["95+"], ages["invalid age"]) == ((2, 0.5), (0, 0), (1, 0.25))
    assert (found.ages[0].value, found.ages[-1].value) == ("under 18", "invalid age")
    assert [(group.value, group.people) for group in found.sexes] == [("F", 1), ("M", 1), ("unknown", 1)]
    assert [(group.value, group.people) for group in found.genders] == [("F", 1), ("NB", 1), ("unknown", 1)]
    assert found.places.to_pylist() == [
        {"state": "TX", "city": "Austin", "people": 2},
        {"state": None, "city": None, "people": 1},
    ]


def test_over_nobody_all_groups_are_empty(zone: Zone) -> None:
    zone.put_all_empty()
    answer = people.groups(zone.lake)
    assert (answer.value.registered, answer.value.sexes, answer.value.places.num_rows) == (0, (), 0)
    assert answer.nothing is not None
    assert people.trends(zone.lake).value.rows.num_rows == 0
    assert people.search(zone.lake).value.total == 0


def test_trends_have_every_day_between_the_first_and_the_last(zone: Zone) -> None:
    zone.user(1, registration_timestamp=at("05-01 10:00:00"))
    zone.visit(1, 5, at("05-03 09:00:00"))
    zone.visit(1, 5, at("05-03 19:00:00"))
    zone.session(1, 1, at("05-03 09:10:00"), at("05-03 09:40:00"))
    zone.session(1, 2, at("05-03 19:10:00"))
    rows = people.trends(zone.lake).value.rows.to_pylist()
    assert [row["begin"].day for row in rows] == [1, 2, 3]
    assert [row["registrations"] for row in rows] == [1, 0, 0]
    last = {name: rows[2][name] for name in ("visits", "visitors", "workouts", "started", "exercisers", "minutes")}
    assert last == {"visits": 2, "visitors": 1, "workouts": 1, "started": 2, "exercisers": 1, "minutes": 30}
    assert sum(sum(value for value in row.values() if isinstance(value, (int, float))) for row in rows[1:2]) == 0


def test_weeks_begin_on_monday_and_days_are_those_of_the_time_zone(zone: Zone) -> None:
    # 3 May 2026 is a Sunday; at 23:00 in UTC it is Monday in Berlin.
    zone.visit(1, 5, at("05-03 23:00:00"))
    weeks = people.trends(zone.lake, "week").value.rows["begin"].to_pylist()
    assert [day.isoformat() for day in weeks] == ["2026-04-27"]
    berlin = people.trends(zone.lake, "week", time_zone="Europe/Berlin").value.rows["begin"].to_pylist()
    assert [day.isoformat() for day in berlin] == ["2026-05-04"]
    months = people.trends(zone.lake, "month").value.rows["begin"].to_pylist()
    assert [day.isoformat() for day in months] == ["2026-05-01"]


def test_trends_leave_out_what_is_before_after_and_in_the_future(zone: Zone) -> None:
    for login in ("05-01 00:00:00", "05-02 00:00:00", "05-03 00:00:00"):
        zone.visit(1, 5, at(login))
    zone.visit(1, 5, at("05-01 00:00:00").replace(year=2999))
    rows = people.trends(zone.lake, since=at("05-02 00:00:00"), until=at("05-03 00:00:00")).value.rows
    assert rows["visits"].to_pylist() == [1]
    assert people.trends(zone.lake).value.rows["visits"].to_pylist() == [1, 1, 1]


def test_a_search_finds_ids_and_what_everybody_may_know(zone: Zone) -> None:
    known(zone, 12, "25-35", first_name="Ana", gender="F", city="San José", state="CA")
    known(zone, 120, "65-75", first_name="Søren", gender="M", city="Austin", state="TX")
    zone.profile(13, first_name="Ann", city="Austin", state="TX")
    zone.visit(12, 5, at("05-01 09:00:00"))
    zone.session(12, 1, at("05-02 09:00:00"), at("05-02 09:30:00"))

    def found(text: str, **more: bool) -> list[int]:
        ids: list[int] = people.search(zone.lake, text, **more).value.rows["user_id"].to_pylist()  # type: ignore[arg-type]
        return ids

    assert found("12") == [12]
    assert found("1200") == [120]
    assert found("jose") == [12]
    assert found("austin tx") == [13, 120]
    assert found("65-75 m") == [120]
    assert found("ustin") == []
    assert found("") == [12, 13, 120]
    assert found("%") == []
    assert found("' OR true --") == []
    row = people.search(zone.lake, "12").value.rows.to_pylist()[0]
    assert (row["name"], row["visits"], row["workouts"], row["last_seen"]) == ("A•••", 1, 1, at("05-02 09:00:00"))
    never = people.search(zone.lake, "13").value.rows.to_pylist()[0]
    assert (never["device_id"], never["age"], never["last_seen"], never["workouts"]) == (None, None, None, 0)


def test_names_and_addresses_of_devices_are_found_only_where_they_may_be_seen(zone: Zone) -> None:
    known(zone, 1, "25-35", first_name="Søren", last_name="Novák")
    for text in ("novak", "Søren", "mac1", "S•••"):
        assert people.search(zone.lake, text).value.total == 0, text
    for text in ("novak", "SØREN", "mac1"):
        assert people.search(zone.lake, text, unmasked=True).value.total == 1, text
    assert "mac_address" not in people.search(zone.lake).value.rows.column_names


def test_a_search_gives_the_first_and_says_how_many_there_are(zone: Zone) -> None:
    for user_id in range(5):
        zone.user(user_id, registration_timestamp=after(at("01-01 00:00:00"), days=user_id))
    found = people.search(zone.lake, limit=2).value
    assert (found.rows.num_rows, found.total) == (2, 5)
