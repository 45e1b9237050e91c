"""What a storage can do."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

LEASE_PATIENCE_SECONDS = 1800.0


@dataclass(frozen=True)
class ObjectInfo:
    """An object as a listing shows it; `name` is relative to the storage, with `/` between its parts."""

    name: str
    size: int


class StorageReader(Protocol):
    """Objects that can be read."""

    def get(self, name: str) -> bytes | None:
        """The content of an object, None where there is none."""

    def list_objects(self, prefix: str = "") -> list[ObjectInfo]:
        """The objects directly in the folder `prefix`, by name; objects that are still being written are left out."""


class Storage(StorageReader, Protocol):
    """Objects that can be read and written.

    An object is there whole or not at all, also after a crash or a power cut in the middle of a `put`.
    """

    def put(self, name: str, content: bytes | Iterable[bytes]) -> None:
        """Put an object in the place of the one of that name. It lasts once this returns."""

    def delete(self, name: str) -> None:
        """Remove an object, or a folder with all that is in it; one that is not there is no error."""

    def lease(self, name: str, purpose: str, patience: float = LEASE_PATIENCE_SECONDS) -> AbstractContextManager[None]:
        """Hold a name exclusively among the processes of this machine. It ends with the process that holds it.

        Args:
            purpose: what is held, for whoever waits for it.

        Raises:
            LockTimeoutError: another process did not let go of it in time.
        """

    def address(self, name: str = "") -> str:
        """Where an object lies, for people."""
