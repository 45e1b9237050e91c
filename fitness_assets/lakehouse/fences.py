"""An update that lost its place cannot commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.conflicts import lost_write
from fitness_assets.lakehouse.transaction_log import Version


class Fences:
    """The versions that the next commits of updates must follow. Safe for threads.

    An update reads what there is and decides what to append. Where somebody else commits to its table in between, a
    commit that follows that one would append it a second time.
    """

    def __init__(self) -> None:
        self._bases: dict[str, Version] = {}
        self._lock = Lock()

    @contextmanager
    def bind(self, table: Table, version: Version) -> Iterator[None]:
        """Let the next commit follow a version, and each later one the one before it, until the update ends."""
        self._set(table, version)
        try:
            yield
        finally:
            with self._lock:
                self._bases.pop(table.full_name, None)

    def check(self, table: Table, version: Version) -> None:
        """Hold the version that a commit is about to follow against the one that it must follow.

        Raises:
            ConcurrentWriteError: somebody else has committed since.
        """
        with self._lock:
            base = self._bases.get(table.full_name, version)
        if (base.table_id, base.number) != (version.table_id, version.number):
            raise lost_write(table)

    def follow(self, table: Table, version: Version) -> None:
        """The version is our own commit; the next one must follow it."""
        with self._lock:
            is_bound = table.full_name in self._bases
        if is_bound:
            self._set(table, version)

    def _set(self, table: Table, version: Version) -> None:
        with self._lock:
            self._bases[table.full_name] = version
