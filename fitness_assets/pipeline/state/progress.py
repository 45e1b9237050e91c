"""How far an update has used its sources, written to the checkpoint zone after the table's commit.

Progress may lag behind the table by the last update, never run ahead of it: an update that was killed in between is
done again and changes nothing.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Version
from fitness_assets.settings import Settings
from fitness_assets.storage import Storage, StorageReader, open_storage

_FILE = "progress.json"


@dataclass(frozen=True)
class Progress:
    """The progress of one table.

    Attributes:
        table: the table's version after the update.
        sources: the version of each source that the table reflects.
        accepted: for each bronze source, how many records were accepted so far, duplicates included.
        rejected: for an upserted table, how many records of its source were rejected so far.
        as_of: the day ages were counted on.
        code_version: the contract's code version; for a bronze table the version of the rules that judged its records.
        files_fingerprint: for a bronze table, a fingerprint of the complete files of its feed.
        is_cleared: for a bronze table, whether the rows from files that a full refresh replaces are gone.
        kafka_offsets: for the bronze table of the topics, how far they are read and what was missed.
        unknown_fields: for a bronze table, the names of fields that came and that the contract does not know, and the
            version in which each came first.
        erasures: for a bronze table and one with an archive, which erasures its rows were held against, as a text that
            changes with them.
        tombstones: for a table that has tombstones, their version after the update.
        archive: for a table of which rows stay, the version of their archive that it reflects.
        archived_before: up to when its rows were archived then, epoch seconds.
        previous_number: the version before the last update that changed the table.
        seconds: how long the last update took that changed any of this.
    """

    table: Version
    sources: dict[str, Version] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    rejected: int | None = None
    as_of: str | None = None
    code_version: str = "1"
    files_fingerprint: str | None = None
    is_cleared: bool = True
    kafka_offsets: dict[str, Any] | None = None
    unknown_fields: dict[str, int] = field(default_factory=dict)
    erasures: str = ""
    tombstones: Version | None = None
    archive: Version | None = None
    archived_before: float | None = None
    previous_number: int = -1
    seconds: float = 0.0


def state_prefix(table: Table) -> str:
    """Under which name all lies that tells how far a table is, within the checkpoint zone."""
    return f"{table.layer.value}/{table.name}"


def read_progress(storage: StorageReader, table: Table) -> Progress | None:
    """The progress of a table, or None where there is none that can be understood."""
    content = storage.get(f"{state_prefix(table)}/{_FILE}")
    try:
        fields: dict[str, Any] = json.loads(content or "")
        sources = {name: Version(**version) for name, version in fields.pop("sources").items()}
        tombstones, archive = fields.pop("tombstones", None), fields.pop("archive", None)
        return Progress(
            table=Version(**fields.pop("table")),
            sources=sources,
            tombstones=Version(**tombstones) if tombstones else None,
            archive=Version(**archive) if archive else None,
            **fields,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


class ProgressStore:
    """The progress of all tables."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    @classmethod
    def from_settings(cls, settings: Settings) -> "ProgressStore":
        """As it lies in the checkpoint zone."""
        return cls(open_storage(settings.checkpoint_zone))

    def read(self, table: Table) -> Progress | None:
        """The progress of a table, or None where there is none that can be understood."""
        return read_progress(self.storage, table)

    def write(self, table: Table, progress: Progress) -> None:
        """Replace the progress of a table in one step."""
        content = json.dumps(asdict(progress), indent=2).encode()
        self.storage.put(f"{state_prefix(table)}/{_FILE}", content)
