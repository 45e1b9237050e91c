"""What arrives: the file feeds of the landing zone, the Kafka topics, the fields of each record, and the reasons for
which one is rejected."""

import hashlib
from dataclasses import dataclass
from enum import Enum


class FileFormat(Enum):
    """The form of a file; the value is how the names of files end that we write."""

    CSV = "csv"
    """A header, then one record a line."""
    JSON_LINES = "json"
    """One JSON object a line."""


GZIP_SUFFIX = ".gz"
_SUFFIXES = {FileFormat.CSV: (".csv",), FileFormat.JSON_LINES: (".json", ".jsonl", ".ndjson")}


@dataclass(frozen=True)
class Field:
    """One field of an arriving record.

    Attributes:
        type: bigint, int, double, string, `epoch` (seconds with a fraction that fit a timestamp)
            or a day: `MM/dd/yyyy` or `yyyy-MM-dd`.
        required: a record without it is refused.
        accepted_values: the only values; any other makes the record refused as unknown.
        parent: the object of the record that holds the field.
        nullable_on_error: a value of another type becomes null instead of refusing the record.
        not_before: the field of the same record whose value may not be greater.
    """

    name: str
    type: str
    required: bool = False
    accepted_values: tuple[str, ...] = ()
    parent: str | None = None
    nullable_on_error: bool = False
    not_before: str | None = None


@dataclass(frozen=True)
class FileFeed:
    """A folder of the landing zone and the bronze table it feeds."""

    table: str
    format: FileFormat
    fields: tuple[Field, ...]

    @property
    def name(self) -> str:
        return self.table.split(".")[1]

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the names of its files end, in any case of letters; each may be followed by `.gz`."""
        return _SUFFIXES[self.format]

    @property
    def header(self) -> str:
        return ",".join(field.name for field in self.fields)

    def reads(self, name: str) -> bool:
        """Whether a file of this name has one of the feed's forms."""
        return name.lower().removesuffix(GZIP_SUFFIX).endswith(self.suffixes)


REGISTERED_USERS = FileFeed(
    "bronz_db.registered_users_bz",
    FileFormat.CSV,
    (
        Field(name="user_id", type="bigint", required=True),
        Field(name="device_id", type="bigint", required=True),
        Field(name="mac_address", type="string", required=True),
        Field(name="registration_timestamp", type="epoch", required=True),
    ),
)
GYM_LOGINS = FileFeed(
    "bronz_db.gym_logins_bz",
    FileFormat.CSV,
    (
        Field(name="mac_address", type="string", required=True),
        Field(name="gym", type="bigint", required=True),
        Field(name="login", type="epoch", required=True),
        Field(name="logout", type="epoch", not_before="login"),
    ),
)
KAFKA_RECORDS = FileFeed(
    "bronz_db.kafka_multiplex_bz",
    FileFormat.JSON_LINES,
    (
        Field(name="key", type="string"),
        Field(name="value", type="string", required=True),
        Field(name="topic", type="string", required=True),
        Field(name="partition", type="bigint", nullable_on_error=True),
        Field(name="offset", type="bigint", nullable_on_error=True),
        Field(name="timestamp", type="bigint", nullable_on_error=True),
    ),
)
DATE_LOOKUP = FileFeed(
    "bronz_db.date_lookup",
    FileFormat.JSON_LINES,
    (
        Field(name="date", type="yyyy-MM-dd", required=True),
        Field(name="dayofmonth", type="int"),
        Field(name="dayofweek", type="int"),
        Field(name="dayofyear", type="int"),
        Field(name="month", type="int"),
        Field(name="week", type="int"),
        Field(name="year", type="int"),
        Field(name="week_part", type="string", required=True),
    ),
)
FILE_FEEDS = {feed.table: feed for feed in (DATE_LOOKUP, REGISTERED_USERS, GYM_LOGINS, KAFKA_RECORDS)}

TOPICS: dict[str, tuple[Field, ...]] = {
    "user_info": (
        Field(name="user_id", type="bigint", required=True),
        Field(name="update_type", type="string", required=True, accepted_values=("new", "update", "delete")),
        Field(name="timestamp", type="epoch", required=True),
        Field(name="dob", type="MM/dd/yyyy"),
        Field(name="sex", type="string"),
        Field(name="gender", type="string"),
        Field(name="first_name", type="string"),
        Field(name="last_name", type="string"),
        Field(name="street_address", type="string", parent="address"),
        Field(name="city", type="string", parent="address"),
        Field(name="state", type="string", parent="address"),
        Field(name="zip", type="int", parent="address", nullable_on_error=True),
    ),
    "workout": (
        Field(name="user_id", type="bigint", required=True),
        Field(name="workout_id", type="int", required=True),
        Field(name="timestamp", type="epoch", required=True),
        Field(name="action", type="string", required=True, accepted_values=("start", "stop")),
        Field(name="session_id", type="int", required=True),
    ),
    "bpm": (
        Field(name="device_id", type="bigint", required=True),
        Field(name="time", type="epoch", required=True),
        Field(name="heartrate", type="double", required=True),
    ),
}

OTHER_TOPICS = "other"
"""The topic group of records whose topic is unknown or could not be read."""

FILE_ERRORS = (
    "wrong_header",
    "binary_file",
    "empty_file",
    "bad_gzip",
    "file_too_large",
    "no_permission",
    "unreadable_file",
)
"""Why a file could not be read at all; one bronze record then stands for the whole file."""
MALFORMED, LINE_TOO_LONG, UNKNOWN_TOPIC = "malformed", "line_too_long", "unknown_topic"
RULES_VERSION = 1
"""Raise it when a rule of `transforms.records` changes what is accepted or how it is read: what bronze holds is then
judged again, and the records that are now read otherwise flow on."""


def rejection_reasons() -> list[str]:
    """The fixed list of reasons for which a record is refused (contract, section 5)."""
    fields = [field for feed in FILE_FEEDS.values() for field in feed.fields if not field.nullable_on_error]
    fields += [field for topic in TOPICS.values() for field in topic if not field.nullable_on_error]
    named = {f"missing_{field.name}" for field in fields if field.required}
    named |= {f"bad_{field.name}" for field in fields if field.type != "string"}
    named |= {f"unknown_{field.name}" for field in fields if field.accepted_values}
    named |= {order_reason(field) for field in fields if field.not_before}
    return [MALFORMED, LINE_TOO_LONG, *FILE_ERRORS, UNKNOWN_TOPIC, "bad_value", *sorted(named)]


def order_reason(field: Field) -> str:
    """Why a record is refused in which a field comes before the one that it may not come before."""
    return f"{field.name}_before_{field.not_before}"


def rules_version(feed: FileFeed) -> str:
    """The rules by which the records of a feed are judged, as a text that changes with them and with the fields."""
    declared = (feed.fields, TOPICS if feed is KAFKA_RECORDS else None)
    return f"{RULES_VERSION}-{hashlib.sha256(repr(declared).encode()).hexdigest()[:12]}"
