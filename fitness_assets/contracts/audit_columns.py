"""Columns that several tables carry after their public ones."""

from fitness_assets.contracts.model import Column, Pii

LOAD_TIME = Column(name="load_time", type="timestamp", description="When the record was loaded, UTC.")
SOURCE_FILE = Column(name="source_file", type="string", description="The file of the landing zone the record came in.")
RAW = Column(
    name="raw",
    type="string",
    description="The line whole, where not every field of it could be read; null otherwise.",
    pii=Pii.IDENTITY,
)
FAULT = Column(
    name="fault",
    type="string",
    description="Set where the row stands for a whole file that could not be read.",
    accepted_values=("wrong_header", "binary_file", "empty_file"),
)
INGESTION_COLUMNS = (LOAD_TIME, SOURCE_FILE)
PARSE_ERROR_COLUMNS = (RAW, FAULT)
