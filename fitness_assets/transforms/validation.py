"""Which bronze records are accepted and why the others are refused (contract, section 5).

Each function adds `event`, the typed values of the record, and `reason`, null where it is accepted.
A line that could not be read when it landed is read again here, so a mended rule brings it in.
"""

from collections.abc import Iterable

from pyspark.sql import DataFrame

from fitness_assets.contracts.feeds import (
    DATE_LOOKUP,
    FILE_FEEDS,
    GYM_LOGINS,
    KAFKA_RECORDS,
    OTHER_TOPICS,
    REGISTERED_USERS,
    TOPICS,
    Field,
    FileFeed,
)
from fitness_assets.transforms.parsing import (
    cast_text,
    holds_object,
    json_object,
    line_text,
    named_struct,
    rejection_reason,
)


def validated(bronze: DataFrame, table: str) -> DataFrame:
    """The bronze rows with `event` and `reason`."""
    if table == KAFKA_RECORDS.table:
        return _checked_events(bronze, list(TOPICS))
    return _checked_lines(bronze, FILE_FEEDS[table])


def registrations(bronze: DataFrame) -> DataFrame:
    return _accepted(validated(bronze, REGISTERED_USERS.table))


def logins(bronze: DataFrame) -> DataFrame:
    return _accepted(validated(bronze, GYM_LOGINS.table))


def calendar(bronze: DataFrame) -> DataFrame:
    return _accepted(validated(bronze, DATE_LOOKUP.table))


def events(bronze: DataFrame, topic: str) -> DataFrame:
    """The accepted events of one topic, with `_value`, their JSON text."""
    topic_records = bronze.where(f"topic_group IN ('{topic}', '{OTHER_TOPICS}')")
    return _accepted(_checked_events(topic_records, [topic])).where(f"_topic = '{topic}'")


def _accepted(read: DataFrame) -> DataFrame:
    return read.where("reason IS NULL")


def _checked_lines(bronze: DataFrame, feed: FileFeed) -> DataFrame:
    parsed_anew = named_struct((field.name, cast_text(f"_text.`{field.name}`", field.type)) for field in feed.fields)
    as_landed = named_struct((field.name, f"`{field.name}`") for field in feed.fields)
    as_text = named_struct((field.name, f"cast(`{field.name}` AS string)") for field in feed.fields)
    more = "CASE WHEN event.logout < event.login THEN 'logout_before_login' END" if feed is GYM_LOGINS else "NULL"
    return (
        bronze.selectExpr("*", f"CASE WHEN raw IS NULL THEN {as_text} ELSE {line_text('raw', feed)} END AS _text")
        .selectExpr("*", f"CASE WHEN raw IS NULL THEN {as_landed} ELSE {parsed_anew} END AS event")
        .selectExpr(
            "*",
            f"""coalesce(
                fault,
                CASE WHEN _text IS NULL THEN 'malformed' END,
                {rejection_reason(feed.fields, "event", "_text")},
                {more}
            ) AS reason""",
        )
    )


def _checked_events(bronze: DataFrame, topics: list[str]) -> DataFrame:
    """Records of other topics than the given ones must not be among them, unless all topics are given."""
    fields = _fields_of(topics)
    envelope = json_object("raw", KAFKA_RECORDS.fields, typed=False)
    text = json_object("_value", fields, typed=False)
    by_topic = " ".join(f"WHEN '{name}' THEN {rejection_reason(TOPICS[name], '_typed', text)}" for name in topics)
    known = ", ".join(f"'{name}'" for name in TOPICS)
    typed = named_struct(
        (field.name, cast_text(f"event.`{field.name}`", field.type) if "/" in field.type else f"event.`{field.name}`")
        for field in fields
    )
    return (
        bronze.selectExpr("*", f"CASE WHEN raw IS NOT NULL THEN {envelope} END AS _envelope")
        .selectExpr("*", "coalesce(value, _envelope.value) AS _value", "coalesce(topic, _envelope.topic) AS _topic")
        .selectExpr("*", f"{json_object('_value', fields, typed=True)} AS event")
        .selectExpr("*", f"{typed} AS _typed")
        .selectExpr(
            "*",
            f"""CASE
                WHEN fault IS NOT NULL THEN fault
                WHEN raw IS NOT NULL AND _envelope IS NULL THEN 'malformed'
                WHEN {holds_object("raw", "value")} THEN 'bad_value'
                WHEN _topic IS NULL THEN 'missing_topic'
                WHEN _topic NOT IN ({known}) THEN 'unknown_topic'
                WHEN _value IS NULL THEN 'missing_value'
                WHEN event IS NULL THEN 'malformed'
                ELSE CASE _topic {by_topic} END
            END AS reason""",
        )
    )


def _fields_of(topics: Iterable[str]) -> list[Field]:
    """The fields of some topics together: one pass over the JSON text reads whichever it is."""
    return list({field.name: field for topic in topics for field in TOPICS[topic]}.values())
