"""People in groups, trends, and the search; what a mask hides no search tells."""

from fitness_assets.dashboard.queries.people.demographics import get_demographics
from fitness_assets.dashboard.queries.people.search import search_people
from fitness_assets.dashboard.queries.people.trends import get_trends
from fitness_assets_tests.dashboard.table_builder import TableBuilder, later, utc


def add_person(builder: TableBuilder, user_id: int, age: str, **profile: object) -> None:
    """A registered person with a profile and an age bin."""
    builder.add_user(user_id)
    builder.add_profile(user_id, **profile)
    bins = {name: profile.get(name) for name in ("gender", "city", "state")}
    builder.write("silver_db.user_bins", {"user_id": user_id, "age": age} | bins)


def test_groups_are_of_registered_people_and_those_without_a_profile_are_told(builder: TableBuilder) -> None:
    add_person(builder, 1, "25-35", sex="F", gender="F", city="Austin", state="TX")
    add_person(builder, 2, "25-35", sex="M", gender="NB", city="Austin", state="TX")
    add_person(builder, 3, "invalid age")
    builder.add_user(4)
    builder.add_profile(9, sex="F")
    demographics = get_demographics(builder.reader).value
    assert (demographics.registered, demographics.without_profile) == (4, 1)
    ages = {group.value: (group.people, group.share) for group in demographics.ages}
    assert (ages["25-35"], ages["95+"], ages["invalid age"]) == ((2, 0.5), (0, 0), (1, 0.25))
    assert (demographics.ages[0].value, demographics.ages[-1].value) == ("under 18", "invalid age")
    assert [(group.value, group.people) for group in demographics.sexes] == [("F", 1), ("M", 1), ("unknown", 1)]
    assert [(group.value, group.people) for group in demographics.genders] == [("F", 1), ("NB", 1), ("unknown", 1)]
    assert demographics.places.to_pylist() == [
        {"state": "TX", "city": "Austin", "people": 2},
        {"state": None, "city": None, "people": 1},
    ]


def test_over_nobody_all_groups_are_empty(builder: TableBuilder) -> None:
    builder.create_all_empty()
    result = get_demographics(builder.reader)
    assert (result.value.registered, result.value.sexes, result.value.places.num_rows) == (0, (), 0)
    assert result.empty_state is not None
    assert get_trends(builder.reader).value.rows.num_rows == 0
    assert search_people(builder.reader).value.total == 0


def test_trends_have_every_day_between_the_first_and_the_last(builder: TableBuilder) -> None:
    builder.add_user(1, registration_timestamp=utc("05-01 10:00:00"))
    builder.add_visit(1, 5, utc("05-03 09:00:00"))
    builder.add_visit(1, 5, utc("05-03 19:00:00"))
    builder.add_session(1, 1, utc("05-03 09:10:00"), utc("05-03 09:40:00"))
    builder.add_session(1, 2, utc("05-03 19:10:00"))
    rows = get_trends(builder.reader).value.rows.to_pylist()
    assert [row["begin"].day for row in rows] == [1, 2, 3]
    assert [row["registrations"] for row in rows] == [1, 0, 0]
    last = {name: rows[2][name] for name in ("visits", "visitors", "workouts", "started", "exercisers", "minutes")}
    assert last == {"visits": 2, "visitors": 1, "workouts": 1, "started": 2, "exercisers": 1, "minutes": 30}
    assert sum(sum(value for value in row.values() if isinstance(value, (int, float))) for row in rows[1:2]) == 0


def test_weeks_begin_on_monday_and_days_are_those_of_the_time_zone(builder: TableBuilder) -> None:
    # 3 May 2026 is a Sunday; at 23:00 in UTC it is Monday in Berlin.
    builder.add_visit(1, 5, utc("05-03 23:00:00"))
    weeks = get_trends(builder.reader, "week").value.rows["begin"].to_pylist()
    assert [day.isoformat() for day in weeks] == ["2026-04-27"]
    berlin = get_trends(builder.reader, "week", time_zone="Europe/Berlin").value.rows["begin"].to_pylist()
    assert [day.isoformat() for day in berlin] == ["2026-05-04"]
    months = get_trends(builder.reader, "month").value.rows["begin"].to_pylist()
    assert [day.isoformat() for day in months] == ["2026-05-01"]


def test_trends_leave_out_what_is_before_after_and_in_the_future(builder: TableBuilder) -> None:
    for login in ("05-01 00:00:00", "05-02 00:00:00", "05-03 00:00:00"):
        builder.add_visit(1, 5, utc(login))
    builder.add_visit(1, 5, utc("05-01 00:00:00").replace(year=2999))
    rows = get_trends(builder.reader, since=utc("05-02 00:00:00"), until=utc("05-03 00:00:00")).value.rows
    assert rows["visits"].to_pylist() == [1]
    assert get_trends(builder.reader).value.rows["visits"].to_pylist() == [1, 1, 1]


def test_a_search_finds_ids_and_what_everybody_may_know(builder: TableBuilder) -> None:
    add_person(builder, 12, "25-35", first_name="Ana", gender="F", city="San José", state="CA")
    add_person(builder, 120, "65-75", first_name="Søren", gender="M", city="Austin", state="TX")
    builder.add_profile(13, first_name="Ann", city="Austin", state="TX")
    builder.add_visit(12, 5, utc("05-01 09:00:00"))
    builder.add_session(12, 1, utc("05-02 09:00:00"), utc("05-02 09:30:00"))

    def matches(text: str) -> list[int]:
        user_ids: list[int] = search_people(builder.reader, text).value.rows["user_id"].to_pylist()
        return user_ids

    assert matches("12") == [12]
    assert matches("1200") == [120]
    assert matches("jose") == [12]
    assert matches("austin tx") == [13, 120]
    assert matches("65-75 m") == [120]
    assert matches("ustin") == []
    assert matches("") == [12, 13, 120]
    assert matches("%") == []
    assert matches("' OR true --") == []
    row = search_people(builder.reader, "12").value.rows.to_pylist()[0]
    assert (row["name"], row["visits"], row["workouts"], row["last_seen"]) == ("•••", 1, 1, utc("05-02 09:00:00"))
    never = search_people(builder.reader, "13").value.rows.to_pylist()[0]
    assert (never["device_id"], never["age"], never["last_seen"], never["workouts"]) == (None, None, None, 0)


def test_names_and_addresses_of_devices_are_found_only_where_they_may_be_seen(builder: TableBuilder) -> None:
    add_person(builder, 1, "25-35", first_name="Søren", last_name="Novák")
    for text in ("novak", "Søren", "mac1", "S•••"):
        assert search_people(builder.reader, text).value.total == 0, text
    for text in ("novak", "SØREN", "mac1"):
        assert search_people(builder.reader, text, unmasked=True).value.total == 1, text
    assert "mac_address" not in search_people(builder.reader).value.rows.column_names


def test_a_search_gives_the_first_and_says_how_many_there_are(builder: TableBuilder) -> None:
    for user_id in range(5):
        builder.add_user(user_id, registration_timestamp=later(utc("01-01 00:00:00"), days=user_id))
    people = search_people(builder.reader, limit=2).value
    assert (people.rows.num_rows, people.total) == (2, 5)


def test_of_a_text_as_long_as_a_book_the_first_words_are_looked_for(builder: TableBuilder) -> None:
    """Whoever writes an address of a hundred thousand words gets an answer, and no more memory."""
    builder.create_all_empty()
    add_person(builder, 1, "25-35", city="Austin")
    found = search_people(builder.reader, " ".join(["austin", "1"] * 50_000)).value
    assert found.total == 1
    assert search_people(builder.reader, " ".join(map(str, range(100_000)))).value.total == 0
