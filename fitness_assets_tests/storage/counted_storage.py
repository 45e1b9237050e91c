"""A folder that counts what is read from it and written to it."""

from collections.abc import Iterable
from pathlib import Path

from fitness_assets.storage import FolderStorage


class CountedStorage(FolderStorage):
    """Attributes count bytes since the last `reset`."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reset()

    def reset(self) -> None:
        self.read_bytes = self.written_bytes = 0

    def get(self, name: str) -> bytes | None:
        content = super().get(name)
        self.read_bytes += len(content or b"")
        return content

    def put(self, name: str, content: bytes | Iterable[bytes]) -> None:
        whole = content if isinstance(content, bytes) else b"".join(content)
        self.written_bytes += len(whole)
        super().put(name, whole)
