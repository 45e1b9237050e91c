"""What arrives: the folders of the landing zone, the fields of each record, and what makes one refused."""

from dataclasses import dataclass
from enum import Enum


class Format(Enum):
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
        allowed: the only values; any other makes the record refused as unknown.
        inside: the object of the record that holds the field.
        lenient: a value of another type becomes null instead of refusing the record.
    """

    name: str
    type: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    inside: str | None = None
    lenient: bool = False


@dataclass(frozen=True)
class Folder:
    """A folder of the landing zone and the bronze table it feeds."""

    table: str
    format: Format
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


REGISTERED_USERS = Folder(
    "bronz_db.registered_users_bz",
    Format.CSV,
    (
        Field("user_id", "bigint", required=True),
        Field("device_id", "bigint", required=True),
        Field("mac_address", "string", required=True),
        Field("registration_timestamp", "epoch", required=True),
    ),
)
GYM_LOGINS = Folder(
    "bronz_db.gym_logins_bz",
    Format.CSV,
    (
        Field("mac_address", "string", required=True),
        Field("gym", "bigint", required=True),
        Field("login", "epoch", required=True),
        Field("logout", "epoch"),
    ),
)
KAFKA_RECORDS = Folder(
    "bronz_db.kafka_multiplex_bz",
    Format.JSON_LINES,
    (
        Field("key", "string"),
        Field("value", "string", required=True),
        Field("topic", "string", required=True),
        Field("partition", "bigint", lenient=True),
        Field("offset", "bigint", lenient=True),
        Field("timestamp", "bigint", lenient=True),
    ),
)
DATE_LOOKUP = Folder(
    "bronz_db.date_lookup",
    Format.JSON_LINES,
    (
        Field("date", "yyyy-MM-dd", required=True),
        Field("dayofmonth", "int"),
        Field("dayofweek", "int"),
        Field("dayofyear", "int"),
        Field("month", "int"),
        Field("week", "int"),
        Field("year", "int"),
        Field("week_part", "string", required=True),
    ),
)
FOLDERS = {folder.table: folder for folder in (DATE_LOOKUP, REGISTERED_USERS, GYM_LOGINS, KAFKA_RECORDS)}

TOPICS: dict[str, tuple[Field, ...]] = {
    "user_info": (
        Field("user_id", "bigint", required=True),
        Field("update_type", "string", required=True, allowed=("new", "update", "delete")),
        Field("timestamp", "epoch", required=True),
        Field("dob", "MM/dd/yyyy"),
        Field("sex", "string"),
        Field("gender", "string"),
        Field("first_name", "string"),
        Field("last_name", "string"),
        Field("street_address", "string", inside="address"),
        Field("city", "string", inside="address"),
        Field("state", "string", inside="address"),
        Field("zip", "int", inside="address", lenient=True),
    ),
    "workout": (
        Field("user_id", "bigint", required=True),
        Field("workout_id", "int", required=True),
        Field("session_id", "int", required=True),
        Field("timestamp", "epoch", required=True),
        Field("action", "string", required=True, allowed=("start", "stop")),
    ),
    "bpm": (
        Field("device_id", "bigint", required=True),
        Field("time", "epoch", required=True),
        Field("heartrate", "double", required=True),
    ),
}

OTHER = "other"
"""The topic group of records whose topic is unknown or could not be read."""

FILE_FAULTS = ("wrong_header", "binary_file", "empty_file")
"""Why a file could not be read at all; one bronze record then stands for the whole file."""


def reasons() -> list[str]:
    """The fixed list of reasons for which a record is refused (contract, section 5)."""
    fields = [field for folder in FOLDERS.values() for field in folder.fields if not field.lenient]
    fields += [field for topic in TOPICS.values() for field in topic if not field.lenient]
    named = {f"missing_{field.name}" for field in fields if field.required}
    named |= {f"bad_{field.name}" for field in fields if field.type != "string"}
    named |= {f"unknown_{field.name}" for field in fields if field.allowed}
    return ["malformed", *FILE_FAULTS, "unknown_topic", "bad_value", "logout_before_login", *sorted(named)]
