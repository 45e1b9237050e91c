"""What is not kept: people who are to be forgotten, and records that are too old.

Ids, devices and addresses are keyed hashes, so that nothing brings them back and nobody can read who they were. All of
it lies in the checkpoint zone, one object an erasure, and outlives a restore. Every update of bronze asks it.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from fitness_assets.storage import Storage, StorageReader

FOLDER = "erasures"
REQUESTS = f"{FOLDER}/requests"
"""Where those lie that were asked for and not done yet: nothing else says in plain text who it is."""
_KEY = f"{FOLDER}/key"
CUTOFFS = f"{FOLDER}/cutoffs.json"
"""Where the cutoffs lie."""
_KEY_BYTES = 32
_HASH_BYTES = 16

Interval = tuple[float | None, float | None]
"""From an instant on, until before another, in epoch seconds; None is no border."""


@dataclass(frozen=True)
class Belonging:
    """A device, or its address, of an erased person, for the time that it was this person's.

    Attributes:
        hash: the keyed hash of its id.
    """

    hash: str
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True)
class Erasure:
    """One person who is forgotten.

    Attributes:
        id: the erasure's own, at random.
        at: when it was asked for, UTC.
        users: keyed hashes of the person's ids.
    """

    id: str
    at: str
    users: tuple[str, ...] = ()
    devices: tuple[Belonging, ...] = ()
    macs: tuple[Belonging, ...] = ()


@dataclass(frozen=True)
class Cutoff:
    """An instant before which the records of a bronze table, or of one of its topics, are not kept.

    Attributes:
        column: the time of a record that counts.
        before: epoch seconds.
    """

    table: str
    column: str
    topic: str | None
    before: float


@dataclass(frozen=True)
class Erasures:
    """All who are forgotten, and what is too old to be kept."""

    key: bytes = b""
    erasures: tuple[Erasure, ...] = ()
    cutoffs: tuple[Cutoff, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.erasures and not self.cutoffs

    @cached_property
    def fingerprint(self) -> str:
        """A text that changes with them; empty for none."""
        names = sorted(erasure.id for erasure in self.erasures) + sorted(str(cutoff) for cutoff in self.cutoffs)
        return hashlib.sha256(" ".join(names).encode()).hexdigest()[:16] if names else ""

    def of_table(self, table_name: str) -> "Erasures":
        """The same with the cutoffs of one table alone."""
        return replace(self, cutoffs=tuple(cutoff for cutoff in self.cutoffs if cutoff.table == table_name))

    @cached_property
    def users(self) -> frozenset[str]:
        return frozenset(user for erasure in self.erasures for user in erasure.users)

    @cached_property
    def devices(self) -> Mapping[str, list[Interval]]:
        return _by_hash(belonging for erasure in self.erasures for belonging in erasure.devices)

    @cached_property
    def macs(self) -> Mapping[str, list[Interval]]:
        return _by_hash(belonging for erasure in self.erasures for belonging in erasure.macs)

    def hash(self, kind: str, value: object) -> str:
        """The keyed hash of an id.

        Args:
            kind: `user`, `device` or `mac`: the same number is something else as another kind.
        """
        return hashlib.blake2b(f"{kind}:{value}".encode(), key=self.key, digest_size=_HASH_BYTES).hexdigest()


class ErasureRegister:
    """The erasures as they lie in the checkpoint zone."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def read(self) -> Erasures:
        return read_erasures(self._storage)

    def open(self) -> Erasures:
        """The erasures, with a key where there was none."""
        if self._storage.get(_KEY) is None:
            self._storage.put(_KEY, secrets.token_hex(_KEY_BYTES).encode())
        return self.read()

    def add(self, erasure: Erasure) -> None:
        self._storage.put(_name(erasure.id), json.dumps(asdict(erasure), indent=2).encode())

    def put_cutoffs(self, cutoffs: Iterable[Cutoff]) -> None:
        self._storage.put(CUTOFFS, json.dumps([asdict(cutoff) for cutoff in cutoffs], indent=2).encode())

    def put_report(self, erasure_id: str, report: Mapping[str, Any]) -> None:
        """Keep what was removed where, which does not say of whom."""
        self._storage.put(f"{FOLDER}/reports/{erasure_id}.json", json.dumps(report, indent=2).encode())


def read_erasures(storage: StorageReader) -> Erasures:
    """All who are forgotten."""
    key, cutoffs = storage.get(_KEY), _read_cutoffs(storage)
    if key is None:
        return Erasures(cutoffs=cutoffs)
    names = [info.name for info in storage.list_objects(FOLDER) if info.name.endswith(".json")]
    contents = (storage.get(name) for name in sorted(names) if name != CUTOFFS)
    return Erasures(bytes.fromhex(key.decode()), tuple(_parse(content) for content in contents if content), cutoffs)


def _read_cutoffs(storage: StorageReader) -> tuple[Cutoff, ...]:
    content = storage.get(CUTOFFS)
    return tuple(Cutoff(**cutoff) for cutoff in json.loads(content)) if content else ()


def _name(erasure_id: str) -> str:
    return f"{FOLDER}/{erasure_id}.json"


def _parse(content: bytes) -> Erasure:
    fields = json.loads(content)
    return Erasure(
        id=fields["id"],
        at=fields["at"],
        users=tuple(fields["users"]),
        devices=tuple(Belonging(**one) for one in fields["devices"]),
        macs=tuple(Belonging(**one) for one in fields["macs"]),
    )


def _by_hash(belongings: Iterable[Belonging]) -> dict[str, list[Interval]]:
    found: dict[str, list[Interval]] = {}
    for belonging in belongings:
        found.setdefault(belonging.hash, []).append((belonging.since, belonging.until))
    return found
