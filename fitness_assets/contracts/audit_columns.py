"""Columns that several tables carry after their public ones."""

from fitness_assets.contracts.feeds import TOPICS, Field, rejection_reasons
from fitness_assets.contracts.model import Column, Pii
from fitness_assets.errors import ContractError

LOAD_TIME = Column(name="load_time", type="timestamp", description="When the record was loaded, UTC.")
SOURCE_FILE = Column(
    name="source_file", type="string", description="Where the record came in: a file of the landing zone, or a topic."
)
INGESTION_COLUMNS = (LOAD_TIME, SOURCE_FILE)

FILE_LOAD = Column(
    name="file_load",
    type="int",
    description="Which content of the file of this name: 1 the first, 2 the one that replaced it, and so on; null for "
    "a record from a broker.",
)
LINE_NUMBER = Column(
    name="line_number",
    type="bigint",
    description="The line of the file, 1 the first; null for a whole file and for a record from a broker.",
)
RAW = Column(
    name="raw",
    type="string",
    description="The line as it came; null where the columns before hold all of it.",
    pii=Pii.IDENTITY,
)
RAW_ENCODING = Column(
    name="raw_encoding",
    type="string",
    description="`base64` where `raw` is no UTF-8 text and stands so; null otherwise.",
    accepted_values=("base64",),
)
HEADER = Column(
    name="header",
    type="string",
    description="The header of the file, by which the line is read; null for a whole file.",
)
UNKNOWN_FIELDS = Column(
    name="unknown_fields",
    type="string",
    description="Fields that the contract does not know, as a JSON object of texts; null where there are none.",
    pii=Pii.IDENTITY,
)
REASON = Column(
    name="reason",
    type="string",
    description="Why the record is refused; null where it is accepted.",
    accepted_values=tuple(rejection_reasons()),
)
LINE_COLUMNS = (FILE_LOAD, LINE_NUMBER, RAW, RAW_ENCODING, UNKNOWN_FIELDS, REASON)
"""What was made of a line when it landed."""
CSV_COLUMNS = (*LINE_COLUMNS, HEADER)

_EVENT_TYPES = {"epoch": "timestamp", "MM/dd/yyyy": "date", "yyyy-MM-dd": "date"}


def event_column_name(field: Field) -> str:
    """The column of `kafka_multiplex_bz` that holds a field of an accepted event."""
    return f"event_{field.name}"


def event_columns() -> tuple[Column, ...]:
    """A typed column for each field of the topics; topics share those of the same name.

    Raises:
        ContractError: two topics have a field of the same name and of different types.
    """
    columns: dict[str, Column] = {}
    for topic, fields in TOPICS.items():
        for field in fields:
            column = Column(
                name=event_column_name(field),
                type=_EVENT_TYPES.get(field.type, field.type),
                description=f"`{field.name}` of an accepted event.",
                pii=Pii.IDENTITY,
            )
            if columns.setdefault(column.name, column) != column:
                raise ContractError(f"The field {field.name} of {topic} has another type in another topic.")
    return tuple(columns.values())
