"""One writer a table, whatever starts it: two runs at once, of Dagster or by hand, take turns."""

from contextlib import AbstractContextManager

from fitness_assets.contracts.model import Table
from fitness_assets.pipeline.state.progress import state_prefix
from fitness_assets.storage import LEASE_PATIENCE_SECONDS, Storage

LOCK_NAME = "writer.lock"


def table_lock(
    storage: Storage, table: Table, patience: float = LEASE_PATIENCE_SECONDS
) -> AbstractContextManager[None]:
    """Hold the table while its update goes on. The lock goes with the process, so a killed one leaves none.

    Raises:
        LockTimeoutError: another process did not let go of it in time.
    """
    return storage.lease(f"{state_prefix(table)}/{LOCK_NAME}", table.full_name, patience)
