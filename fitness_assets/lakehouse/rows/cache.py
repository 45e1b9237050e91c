"""Small tables and changes that were read a moment ago: read once, however many tables need them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

import pyarrow as pa

MAX_BYTES = 256 * 2**20


class RowCache:
    """Rows by what they are; a key names one version, so nothing in here goes stale. Safe for threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._cached: OrderedDict[Hashable, pa.Table] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, read: Callable[[], pa.Table]) -> pa.Table:
        """The rows of the key, read if they are not cached."""
        with self._lock:
            if key in self._cached:
                self._cached.move_to_end(key)
                return self._cached[key]
        rows = read()
        with self._lock:
            if key not in self._cached:
                self._cached[key] = rows
                self._bytes += rows.nbytes
            while self._bytes > self._max_bytes and self._cached:
                _, oldest = self._cached.popitem(last=False)
                self._bytes -= oldest.nbytes
        return rows
