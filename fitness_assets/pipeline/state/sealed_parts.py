"""What of a growing list no longer changes: parts, each an object that is written once, and known by its digest.

The list itself stays small, as it has only what is newer, and names its parts. A part that is gone or damaged, or of
another instant because a zone was put back, is noticed by whoever reads the list.
"""

import hashlib
from collections.abc import Sequence, Set
from dataclasses import dataclass

from fitness_assets.storage import Storage, StorageReader

_DIGEST_BYTES = 16


@dataclass(frozen=True)
class SealedPart:
    """One part.

    Attributes:
        number: a number of its own among the parts of the list, now and before.
        entries: how many entries it has.
        digest: what its bytes are.
    """

    number: int
    entries: int
    digest: str


class SealedParts:
    """The parts of one list, which lie beside it.

    Args:
        name: the name of the list, without its ending.
    """

    def __init__(self, storage: Storage, name: str, ending: str) -> None:
        self._storage = storage
        self._name = name
        self._ending = ending

    def put(self, content: bytes, entries: int) -> SealedPart:
        """Write a part; nothing has it yet until the list names it."""
        part = SealedPart(max(self._numbers(), default=0) + 1, entries, _digest(content))
        self._storage.put(part_name(self._name, part.number, self._ending), content)
        return part

    def remove_all_but(self, parts: Sequence[SealedPart]) -> None:
        """Remove the parts that the list no longer names, those of a killed update among them."""
        for number in self._numbers() - {part.number for part in parts}:
            self._storage.delete(part_name(self._name, number, self._ending))

    def _numbers(self) -> Set[int]:
        prefix, _, _ = self._name.rpartition("/")
        names = (info.name for info in self._storage.list_objects(prefix))
        middles = (
            name[len(self._name) + 1 : -len(self._ending)]
            for name in names
            if name.startswith(f"{self._name}_") and name.endswith(self._ending)
        )
        return {int(middle) for middle in middles if middle.isdigit()}


def read_part(storage: StorageReader, name: str, ending: str, part: SealedPart) -> bytes | None:
    """The content of a part; None where it is gone, or is not the one that the list means."""
    content = storage.get(part_name(name, part.number, ending))
    return content if content is not None and _digest(content) == part.digest else None


def part_name(name: str, number: int, ending: str) -> str:
    return f"{name}_{number:06d}{ending}"


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
