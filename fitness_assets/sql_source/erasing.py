"""What was extracted of people who are forgotten leaves the ledgers; it is not extracted again."""

from functools import partial

from fitness_assets.pipeline.state.erasures import Erasures
from fitness_assets.settings import Settings
from fitness_assets.sql_source.erased_lines import without_erased
from fitness_assets.sql_source.feeds import EXTRACTED_FEEDS, state_prefix
from fitness_assets.sql_source.ledger import Ledger
from fitness_assets.sql_source.zones import zones_of


def erase_extracted(settings: Settings, erasures: Erasures) -> int:
    """Take the lines of forgotten people out of the ledgers; how many they were.

    Raises:
        SqlSourceError: a ledger cannot be read.
    """
    zones, erased = zones_of(settings), 0
    storage = zones.checkpoints
    for feed in EXTRACTED_FEEDS:
        prefix = state_prefix(feed)
        if not storage.list_objects(f"{prefix}/parts"):
            continue
        with (
            storage.lease(f"{prefix}/writer.lock", f"landing_zone/{feed.name}"),
            Ledger(storage, prefix, zones.landing(feed), feed, file_prefix="") as ledger,
        ):
            erased += ledger.forget(partial(without_erased, feed, erasures=erasures))
    return erased
