"""What arrives: the file feeds of the landing zone, the Kafka topics, the fields of each record, and the reasons for
which one is rejected."""

from dataclasses import dataclass
from enum import Enum


class FileFormat(Enum):
    CSV = "csv"
    """A header, then one record a line."""
    JSON_LINES = "json"
    """One JSON object a line."""


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
    """

    name: str
    type: str
    required: bool = False
    accepted_values: tuple[str, ...] = ()
    parent: str | None = None
    nullable_on_error: bool = False


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
    def pattern(self) -> str:
        """Complete files only: a name that begins with `_` or `.` is still being written."""
        return f"[^_.]*.{self.format.value}"

    @property
    def header(self) -> str:
        return ",".join(field.name for field in self.fields)


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
        Field(name="logout", type="epoch"),
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
        Field(name="session_id", type="int", required=True),
        Field(name="timestamp", type="epoch", required=True),
        Field(name="action", type="string", required=True, accepted_values=("start", "stop")),
    ),
    "bpm": (
        Field(name="device_id", type="bigint", required=True),
        Field(name="time", type="epoch", required=True),
        Field(name="heartrate", type="double", required=True),
    ),
}

OTHER_TOPICS = "other"
"""The topic group of records whose topic is unknown or could not be read."""

FILE_ERRORS = ("wrong_header", "binary_file", "empty_file")
"""Why a file could not be read at all; one bronze record then stands for the whole file."""


def rejection_reasons() -> list[str]:
    """The fixed list of reasons for which a record is refused (contract, section 5)."""
    fields = [field for feed in FILE_FEEDS.values() for field in feed.fields if not field.nullable_on_error]
    fields += [field for topic in TOPICS.values() for field in topic if not field.nullable_on_error]
    named = {f"missing_{field.name}" for field in fields if field.required}
    named |= {f"bad_{field.name}" for field in fields if field.type != "string"}
    named |= {f"unknown_{field.name}" for field in fields if field.accepted_values}
    return ["malformed", *FILE_ERRORS, "unknown_topic", "bad_value", "logout_before_login", *sorted(named)]
