"""What lies in the landing zone and is not read. No file is opened."""

from dataclasses import dataclass

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.dashboard.table_reader.reader import TableReader


@dataclass(frozen=True)
class LeftAlone:
    """A file, or a folder, that is not read.

    Attributes:
        name: within the landing zone.
        reason: why.
    """

    name: str
    reason: str


def get_left_alone(reader: TableReader) -> tuple[LeftAlone, ...]:
    """All of them, by folder and name."""
    return tuple(
        LeftAlone(f"{feed.name}/{name}", reason)
        for feed in FILE_FEEDS.values()
        for name, reason in sorted(reader.zone.left_alone(feed).items())
    )
