"""Stream mode on a workspace: on serverless compute runs that end and follow each other, on a cluster of its own one
without an end (https://learn.microsoft.com/azure/databricks/jobs/continuous)."""

import time
from collections.abc import Callable

from fitness_assets.errors import WorkspaceError
from fitness_assets.settings.databricks import EXISTING, SERVERLESS
from fitness_assets.settings.engine import is_serverless

SERVERLESS_RUN_SECONDS = 3_600
"""After so long a run on serverless compute ends. Each start costs about a minute."""


def require_stream_compute(compute: str, seconds: float) -> None:
    """Refuse a stream where it must not run.

    Args:
        compute: what it runs on, as a setting names it; empty where nobody said.
        seconds: after which it ends; 0 for never.

    Raises:
        WorkspaceError: it would never end on serverless compute, or it would run on a cluster that people share.
    """
    if compute == EXISTING:
        raise WorkspaceError(
            "A stream does not run on an all-purpose cluster, which costs more, ends when it is idle and is shared. "
            "Let it run on FITNESS_COMPUTE=serverless or job (deploy.sh --compute), or let files that land start the "
            "batch job (deploy.sh --trigger file-arrival)."
        )
    if not seconds and (compute == SERVERLESS or is_serverless()):
        raise WorkspaceError(
            "A stream on serverless compute ends and is started again, and this one has no end: give it --seconds, as "
            "the bundle's variable stream_seconds does."
        )


def stop_after(seconds: float) -> Callable[[float], bool]:
    """What waits between two intervals and says whether to end.

    Args:
        seconds: from now; 0 for never.
    """
    deadline = time.monotonic() + seconds if seconds else float("inf")

    def should_stop(pause: float) -> bool:
        time.sleep(min(pause, max(deadline - time.monotonic(), 0)))
        return time.monotonic() >= deadline

    return should_stop
