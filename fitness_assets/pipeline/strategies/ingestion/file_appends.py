"""Landed files appended to bronze: some in each commit, which names them."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from fitness_assets.contracts.feeds import KAFKA_RECORDS, FileFeed
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Lakehouse, new_user_metadata
from fitness_assets.pipeline.landing.listing import FileListing, FileVersion, feed_folder
from fitness_assets.pipeline.landing.loading import LoadedFiles, load_files
from fitness_assets.pipeline.landing.reader import FileChangedError
from fitness_assets.pipeline.state.ingested_files import IngestedFile
from fitness_assets.pipeline.strategies.ingestion.calendar import calendar_weeks

FILES_PER_COMMIT = 1000
BYTES_PER_COMMIT = 512 * 1024 * 1024
"""A killed update goes on after its last commit."""
COMMITTED_FILES = "files"
"""Under which name a commit says which files it appended."""


@dataclass
class IngestionOutcome:
    """What people should know of one ingestion.

    Attributes:
        unsettled: files that were written to, or taken away, while they were read.
        unknown_fields: names of fields that the contract does not know.
    """

    unsettled: set[str] = field(default_factory=set)
    unknown_fields: set[str] = field(default_factory=set)


def append_files(
    lake: Lakehouse,
    table: Table,
    feed: FileFeed,
    loads: Mapping[str, int],
    listing: FileListing,
    outcome: IngestionOutcome,
) -> dict[str, IngestedFile]:
    """Append files; those that are in the table afterwards. A file that does not hold still waits for the next update.

    Args:
        loads: the files, and which content of its name each one is.
        outcome: takes what people should know.
    """
    ingested: dict[str, IngestedFile] = {}
    for batch in _batches(loads, listing.files):
        ingested |= _append_batch(lake, table, feed, batch, listing, outcome)
    return ingested


def _append_batch(
    lake: Lakehouse,
    table: Table,
    feed: FileFeed,
    loads: dict[str, int],
    listing: FileListing,
    outcome: IngestionOutcome,
) -> dict[str, IngestedFile]:
    weeks = calendar_weeks(lake) if feed is KAFKA_RECORDS else {}
    while loads:
        versions = {name: listing.files[name] for name in loads}
        names = {name: [load, *asdict(versions[name]).values()] for name, load in loads.items()}
        loaded = LoadedFiles()
        rows = load_files(feed, feed_folder(lake.settings, feed), loads, weeks, loaded)
        try:
            lake.append_batches(table, rows, new_user_metadata(**{COMMITTED_FILES: names}))
        except FileChangedError as error:
            outcome.unsettled.add(error.name)
            loads = {name: load for name, load in loads.items() if name != error.name}
            continue
        outcome.unknown_fields |= loaded.unknown_fields
        return {name: IngestedFile(versions[name], load, loaded.contents[name]) for name, load in loads.items()}
    return {}


def _batches(loads: Mapping[str, int], versions: Mapping[str, FileVersion]) -> Iterator[dict[str, int]]:
    """The files in the order of their names, as many at a time as one commit takes."""
    batch: dict[str, int] = {}
    size = 0
    for name in sorted(loads):
        if batch and (len(batch) == FILES_PER_COMMIT or size + versions[name].size > BYTES_PER_COMMIT):
            yield batch
            batch, size = {}, 0
        batch[name] = loads[name]
        size += versions[name].size
    if batch:
        yield batch
