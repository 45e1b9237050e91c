"""What an update has used of its sources, noted in the checkpoint zone after the table's commit.

The note may lag behind the table by the last update, never run ahead of it: an update that was
killed in between is done again and changes nothing.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.transaction_log import Version
from fitness_assets.settings import Settings


@dataclass(frozen=True)
class Progress:
    """The note of one table.

    Attributes:
        table: the table's version after the update.
        sources: the version of each source that the table reflects.
        accepted: for each bronze source, how many records were accepted so far, duplicates included.
        refused: for a folded table, how many records of its source were refused so far.
        as_of: the day ages were counted on.
        code_version: the contract's code version.
        landed: for a bronze table, a fingerprint of the landing folder's complete files.
        generation: for a bronze table, how often it was loaded anew; each has its own checkpoint.
        cleared: for a bronze table, whether the rows of the generation before are gone.
        kafka: for the bronze table of the topics, how far they are read and what was missed.
    """

    table: Version
    sources: dict[str, Version] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    refused: int | None = None
    as_of: str | None = None
    code_version: str = "1"
    landed: str | None = None
    generation: int = 0
    cleared: bool = True
    kafka: dict[str, Any] | None = None


class ProgressStore:
    """The notes of all tables."""

    def __init__(self, settings: Settings) -> None:
        self._root = settings.checkpoint_zone

    def folder(self, table: Table) -> Path:
        """Where everything lies that remembers how far the table is."""
        return self._root / table.layer.value / table.name

    def staging(self, table: Table) -> Path:
        return self._root / "staging" / table.layer.value / table.name

    def read(self, table: Table) -> Progress | None:
        """The note, or None where there is none that can be understood."""
        try:
            noted: dict[str, Any] = json.loads(self._file(table).read_text(encoding="utf-8"))
            sources = {name: Version(**version) for name, version in noted.pop("sources").items()}
            return Progress(table=Version(**noted.pop("table")), sources=sources, **noted)
        except (FileNotFoundError, json.JSONDecodeError, KeyError, TypeError):
            return None

    def write(self, table: Table, progress: Progress) -> None:
        """Replace the note in one step."""
        file = self._file(table)
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".tmp")
        with new.open("w", encoding="utf-8") as handle:
            json.dump(asdict(progress), handle, indent=2)
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(file)

    def _file(self, table: Table) -> Path:
        return self.folder(table) / "progress.json"
