"""Small tables and changes that were read a moment ago: read once, however many tables need them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

import pyarrow as pa

MOST_BYTES = 256 * 2**20


class RowCache:
    """Rows by what they are; a key names one version, so nothing in here goes stale. Safe for threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._rows: OrderedDict[Hashable, pa.Table] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, read: Callable[[], pa.Table]) -> pa.Table:
        """The rows of the key, read if they are not held."""
        with self._lock:
            if key in self._rows:
                self._rows.move_to_end(key)
                return self._rows[key]
        rows = read()
        with self._lock:
            if key not in self._rows:
                self._rows[key] = rows
                self._held += rows.nbytes
            while self._held > self._most and self._rows:
                _, oldest = self._rows.popitem(last=False)
                self._held -= oldest.nbytes
        return rows
