"""Every column that holds personal data says so, wherever the data went."""

from fitness_assets.contracts.feeds import FILE_FEEDS, TOPICS
from fitness_assets.contracts.model import Column, Layer, Pii
from fitness_assets.contracts.registry import all_tables

CLASS = {
    **dict.fromkeys(["user_id", "device_id", "mac_address", "login", "logout", "dob", "sex", "gender"], Pii.IDENTITY),
    **dict.fromkeys(["key", "value", "raw", "record", "event"], Pii.IDENTITY),
    **dict.fromkeys(["first_name", "last_name", "street_address", "city", "state", "zip"], Pii.CONTACT),
    **dict.fromkeys(["heartrate", "min_bpm", "avg_bpm", "max_bpm", "action", "minutes_exercising"], Pii.HEALTH),
}
HARMLESS = {
    "date": "a day without the hour",
    "minutes_in_gym": "a length of time that says nothing of the body",
    "num_recordings": "how many, not which",
    "age": "a bin of at least seven years instead of the date of birth",
    "valid": "whether a sensor worked",
    **dict.fromkeys(["time", "updated"], "when a machine recorded something; who it was stands in other columns"),
    **dict.fromkeys(["workout_id", "session_id"], "numbers that mean nothing without the person"),
    "update_type": "what kind of change it was",
}


def made_from(column: Column) -> list[Column]:
    """The columns of other tables that this one is made from."""
    found = []
    for name in column.lineage:
        table, source = name.rsplit(".", 1)
        found.append(all_tables()[table].column(source))
    return found


def test_a_name_means_the_same_class_in_every_table() -> None:
    found = {
        (table.full_name, column.name): column.pii
        for table in all_tables().values()
        for column in table.all_columns
        if column.name in CLASS
    }
    assert found == {(table, name): CLASS[name] for table, name in found}
    assert {name for _, name in found} == set(CLASS)


def test_what_is_made_from_personal_data_is_personal_unless_it_is_known_to_be_harmless() -> None:
    for table in all_tables().values():
        for column in table.all_columns:
            if any(source.pii for source in made_from(column)) and not column.pii:
                assert column.name in HARMLESS, f"{table.full_name}.{column.name}"


def test_whole_records_are_of_the_class_that_the_fewest_roles_may_see() -> None:
    whole = [all_tables()[name].column("raw") for name in FILE_FEEDS]
    whole += [
        all_tables()["bronz_db.kafka_multiplex_bz"].column("value"),
        all_tables()["silver_db.quarantine"].column("record"),
    ]
    assert {column.pii for column in whole} == {Pii.IDENTITY}


def test_every_field_that_arrives_in_a_topic_has_been_thought_about() -> None:
    fields = {field.name for topic in TOPICS.values() for field in topic}
    assert fields <= {*CLASS, *HARMLESS, "timestamp"}


def test_gold_keeps_the_classes_of_what_it_is_made_from() -> None:
    gold = [table for table in all_tables().values() if table.layer is Layer.GOLD]
    assert gold
    for table in gold:
        for column in table.all_columns:
            if column.pii:
                sources = {source.pii for source in made_from(column)} - {None}
                assert not sources or column.pii in sources, f"{table.full_name}.{column.name}"
