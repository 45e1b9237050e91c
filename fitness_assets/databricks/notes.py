"""What waits on the workspace, told from what lies in its volumes: the landing zone and the notes of the last updates.

No run is started and no compute woken to find out.
"""

import hashlib
import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from io import BytesIO
from typing import Any

import pyarrow.parquet as pq
from databricks.sdk.errors.platform import NotFound
from databricks.sdk.service.files import FilesAPI

from fitness_assets.contracts.feeds import FILE_FEEDS, FileFeed
from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.contracts.registry import all_tables, tables_updated_by
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.pipes import whole_file
from fitness_assets.databricks.settings import DatabricksSettings
from fitness_assets.pipeline.state.pending import PendingWork

Sizes = dict[str, int]


class WorkspaceNotes:
    """The volumes of one environment."""

    def __init__(self, files: FilesAPI, settings: DatabricksSettings) -> None:
        self._files = files
        self._settings = settings

    @classmethod
    def from_env(cls, patience: float) -> "WorkspaceNotes":
        """As the settings say.

        Args:
            patience: seconds for which a workspace that does not answer is tried again.

        Raises:
            SettingError: something that is needed is not set.
        """
        settings = DatabricksSettings.from_env()
        return cls(Client.from_env(patience).files, settings)

    def waiting(self) -> PendingWork:
        """The bronze tables with new files, and tables that have not used all of their sources."""
        notes = {name: self._note(table) for name, table in all_tables().items()}
        names = {table.full_name for table in tables_updated_by(UpdateStrategy.APPEND) if self._has_new(table)}
        names |= {name for name in notes if _behind(all_tables()[name], notes)}
        state = hashlib.sha256(json.dumps([notes[name] for name in sorted(names)]).encode()).hexdigest()
        return PendingWork(frozenset(names), state)

    def _has_new(self, table: Table) -> bool:
        """Whether a complete file is there that was not read, or has another size than when it was."""
        folder = FILE_FEEDS[table.full_name]
        landed = self._landed(folder)
        if not landed:
            return False
        read = self._read_files(table)
        return any(read.get(name) != size for name, size in landed.items())

    def _landed(self, folder: FileFeed) -> Sizes:
        return {
            name: size
            for name, size in self._listed(f"{self._settings.landing_zone}/{folder.name}")
            if not name.startswith(("_", ".")) and fnmatchcase(name, f"*.{folder.format.value}")
        }

    def _listed(self, path: str) -> Iterator[tuple[str, int]]:
        try:
            for entry in self._files.list_directory_contents(path):
                if not entry.is_directory:
                    yield entry.name or "", entry.file_size or 0
        except NotFound:
            return

    def _read_files(self, table: Table) -> Sizes:
        content = self._download(table, "files.parquet")
        if content is None:
            return {}
        columns = pq.read_table(BytesIO(content), columns=["name", "size"]).to_pydict()
        return dict(zip(columns["name"], columns["size"], strict=True))

    def _note(self, table: Table) -> dict[str, Any] | None:
        content = self._download(table, "progress.json")
        return json.loads(content) if content else None

    def _download(self, table: Table, name: str) -> bytes | None:
        path = f"{self._settings.checkpoint_zone}/{table.layer.value}/{table.name}/{name}"
        try:
            return whole_file(self._files, path)
        except NotFound:
            return None


def _behind(table: Table, notes: dict[str, dict[str, Any] | None]) -> bool:
    if table.strategy is UpdateStrategy.APPEND:
        return False
    own = notes[table.full_name]
    for source in table.sources:
        latest = notes[source.table]
        if latest is None or latest["table"]["number"] < 1:
            continue
        used = own["sources"].get(source.table) if own else None
        if used is None or used["number"] < latest["table"]["number"]:
            return True
    return False
