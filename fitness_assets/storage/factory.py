"""The one place that chooses between a folder of this machine and a volume."""

from pathlib import Path

from fitness_assets.storage.folder import FolderStorage
from fitness_assets.storage.interface import Storage
from fitness_assets.storage.volume import VolumeStorage

_VOLUMES = Path("/Volumes")


def open_storage(root: Path) -> Storage:
    """The objects below a folder; below `/Volumes` it is one of a Unity Catalog volume."""
    return VolumeStorage(root) if root.is_relative_to(_VOLUMES) else FolderStorage(root)
