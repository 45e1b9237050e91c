"""What is pending on the workspace, from what lies in its volumes: the landing zone and the progress of the tables.

No run is started and no compute woken to find out.
"""

import hashlib
import json

from databricks.sdk.service.files import FilesAPI

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.contracts.model import Table
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.runs.volume_files import walk_files
from fitness_assets.databricks.volume_storage import WorkspaceObjects
from fitness_assets.pipeline.landing.listing import is_unfinished
from fitness_assets.pipeline.state.ingested_files import read_ingested_files
from fitness_assets.pipeline.state.progress import Progress, read_progress
from fitness_assets.settings.databricks import DatabricksSettings


class VolumeState:
    """The volumes of one environment, for one look at a time after the other."""

    def __init__(self, files: FilesAPI, settings: DatabricksSettings) -> None:
        self._files = files
        self._settings = settings
        self._objects = WorkspaceObjects(files, settings.checkpoint_zone, keeps_contents=True)

    @classmethod
    def from_env(cls, retry_seconds: float) -> "VolumeState":
        """As the settings say.

        Args:
            retry_seconds: for how long a workspace that does not answer is tried again.

        Raises:
            SettingError: something that is needed is not set.
        """
        settings = DatabricksSettings.from_env()
        return cls(Client.from_env(retry_seconds).files, settings)

    def view(self) -> "VolumeZoneView":
        """The zones as they are now."""
        return VolumeZoneView(self._files, self._settings.landing_zone, self._objects)


class VolumeZoneView:
    """The zones of a workspace in one look: nothing is asked twice."""

    def __init__(self, files: FilesAPI, landing_zone: str, objects: WorkspaceObjects) -> None:
        self._files = files
        self._landing_zone = landing_zone
        self._objects = objects
        self._progress: dict[str, Progress | None] = {}
        self._sizes: dict[str, dict[str, int]] = {}

    def progress(self, table: Table) -> Progress | None:
        if table.full_name not in self._progress:
            self._progress[table.full_name] = read_progress(self._objects, table)
        return self._progress[table.full_name]

    def latest_version(self, table: Table) -> int:
        """The version that the table's last update left; later ones only an engine knows."""
        progress = self.progress(table)
        return progress.table.number if progress else -1

    def fingerprint(self, feed: FileFeed) -> str:
        sizes = sorted(self._landed_sizes(feed).items())
        return f"{len(sizes)}-{hashlib.sha256(json.dumps(sizes).encode()).hexdigest()[:32]}"

    def has_new_files(self, table: Table, feed: FileFeed) -> bool:
        """Whether a complete file is there that was not read, or has another size than when it was."""
        landed = self._landed_sizes(feed)
        ingested = (read_ingested_files(self._objects, table) or {}) if landed else {}
        return any(name not in ingested or ingested[name].version.size != size for name, size in landed.items())

    def _landed_sizes(self, feed: FileFeed) -> dict[str, int]:
        """The size of each complete file of a feed, by its name."""
        if feed.name not in self._sizes:
            files = walk_files(self._files, f"{self._landing_zone}/{feed.name}", is_unfinished)
            self._sizes[feed.name] = {name: size for name, size in files if feed.reads(name)}
        return self._sizes[feed.name]
