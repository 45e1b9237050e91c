"""Where extracted rows go, and where it is remembered what was extracted."""

from collections.abc import Callable
from dataclasses import dataclass

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.settings import Settings
from fitness_assets.storage import Storage, open_files, open_storage


@dataclass(frozen=True)
class Zones:
    """The zones that an extraction writes to.

    Attributes:
        checkpoints: what was extracted, and who is forgotten.
        landing: gives the files of a feed, as the readers of the landing zone see them.
    """

    checkpoints: Storage
    landing: Callable[[FileFeed], Storage]


def zones_of(settings: Settings) -> Zones:
    """The zones as they lie here: folders, or volumes that are mounted."""
    return Zones(
        checkpoints=open_storage(settings.checkpoint_zone),
        landing=lambda feed: open_files(settings.landing_zone / feed.name),
    )
