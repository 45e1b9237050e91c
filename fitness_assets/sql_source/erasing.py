"""What was extracted of people who are forgotten leaves the ledgers; it is not extracted again."""

from functools import partial

from fitness_assets.pipeline.state.erasures import Erasures
from fitness_assets.settings import Settings
from fitness_assets.sql_source.erased_lines import without_erased
from fitness_assets.sql_source.feeds import EXTRACTED_FEEDS, state_prefix
from fitness_assets.sql_source.ledger import Ledger
from fitness_assets.storage import FolderStorage, open_storage


def erase_extracted(settings: Settings, erasures: Erasures) -> int:
    """Take the lines of forgotten people out of the ledgers; how many they were.

    Raises:
        SqlSourceError: a ledger cannot be read.
    """
    storage, erased = open_storage(settings.checkpoint_zone), 0
    for feed in EXTRACTED_FEEDS:
        prefix, landing = state_prefix(feed), FolderStorage(settings.landing_zone / feed.name)
        if not storage.list_objects(f"{prefix}/parts"):
            continue
        with (
            storage.lease(f"{prefix}/writer.lock", f"landing_zone/{feed.name}"),
            Ledger(storage, prefix, landing, feed, file_prefix="") as ledger,
        ):
            erased += ledger.forget(partial(without_erased, feed, erasures=erasures))
    return erased
