"""Whether a bronze table still is what its progress says, or somebody else changed or put back its rows since."""

from enum import Enum

from fitness_assets.lakehouse import RESTATING_OPERATIONS, TransactionLog
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
