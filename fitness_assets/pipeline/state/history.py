"""Whether a table still is what its progress says, or somebody else changed or put back its rows since."""

from enum import Enum

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import RESTATING_OPERATIONS, Lakehouse, TransactionLog, Version
from fitness_assets.pipeline.state.progress import Progress

OUR_OWN = "update"
"""What the metadata of each of our own commits has."""
_REMOVALS = frozenset({"DELETE", "TRUNCATE", "UPDATE"})


class History(Enum):
    """What became of a table since its progress was written."""

    CONTINUOUS = "only our own commits came since"
    REMOVED = "somebody took records out on purpose"
    UNKNOWN = "it was restored, put back, or made anew, or what was written of it is lost: its rows tell"


def history_since(log: TransactionLog, progress: Progress | None) -> History:
    """Compare the progress of a bronze table with its log."""
    latest = log.version()
    if progress is None or latest is None or not log.is_ancestor(progress.table, latest):
        return History.UNKNOWN
    foreign = {
        commit.operation
        for commit in log.commits(progress.table.number, latest.number)
        if commit.operation in RESTATING_OPERATIONS and OUR_OWN not in commit.user_metadata
    }
    if foreign - _REMOVALS:
        return History.UNKNOWN
    return History.REMOVED if foreign else History.CONTINUOUS


def is_intact(lake: Lakehouse, table: Table, known: Version | None) -> bool:
    """Whether a table is the one of a known version, and nobody else took any rows out of it since."""
    log = lake.ensure(table)
    latest = log.version()
    if latest is None or known is None or not log.is_ancestor(known, latest):
        return False
    return all(
        commit.operation not in RESTATING_OPERATIONS or OUR_OWN in commit.user_metadata
        for commit in log.commits(known.number, latest.number)
    )
