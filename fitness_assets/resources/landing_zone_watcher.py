"""What is pending, and what lies in the landing zone, looked at again and again for as long as the process lives."""

from collections.abc import Callable
from functools import cached_property

from fitness_assets.lakehouse import open_lakehouse
from fitness_assets.pipeline.pending import LocalZoneView, PendingWork, file_fingerprints, pending_work
from fitness_assets.pipeline.strategies import ZoneView
from fitness_assets.resources.spark import SparkResource
from fitness_assets.settings import Settings
from fitness_assets.settings.dagster import DagsterSettings, Target

_RETRY_SECONDS = 5.0
"""A workspace that does not answer for so long fails the tick; the next one looks again."""


class LandingZoneWatcher:
    """Watches the folders and the progress here, or those in the volumes of the workspace. Neither starts an engine.

    A folder is only scanned again when something in it may have changed, whichever sensor looks.
    """

    def pending(self) -> PendingWork:
        """The tables that have something to do."""
        return pending_work(self._open_view())

    def fingerprints(self) -> dict[str, str]:
        """What lies in each landing folder that is not empty, as a text that changes with it; by the folder's name."""
        return file_fingerprints(self._open_view())

    @cached_property
    def _open_view(self) -> Callable[[], ZoneView]:
        """Gives the zones for one look; what is costly, such as a client of the workspace, is kept over all looks."""
        if DagsterSettings.from_env().target is Target.DATABRICKS:
            # Whoever runs locally does not pay for the SDK's import.
            from fitness_assets.databricks.runs.volume_state import VolumeState

            return VolumeState.from_env(_RETRY_SECONDS).view
        view = LocalZoneView(open_lakehouse(Settings.from_env(), SparkResource().session))
        return lambda: view
