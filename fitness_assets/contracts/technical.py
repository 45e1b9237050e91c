"""Columns that several tables carry after their public ones."""

from fitness_assets.contracts.model import Column, Pii

LOAD_TIME = Column("load_time", "timestamp", "When the record was loaded, UTC.")
SOURCE_FILE = Column("source_file", "string", "The file of the landing zone the record came in.")
RAW = Column(
    "raw",
    "string",
    "The line whole, where not every field of it could be read; null otherwise.",
    pii=Pii.IDENTITY,
)
FAULT = Column(
    "fault",
    "string",
    "Set where the row stands for a whole file that could not be read.",
    allowed=("wrong_header", "binary_file", "empty_file"),
)
LANDED = (LOAD_TIME, SOURCE_FILE)
UNREADABLE = (RAW, FAULT)
