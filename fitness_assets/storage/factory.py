"""The one place that chooses between a folder of this machine and a volume."""

from pathlib import Path

from fitness_assets.storage.folder import FolderStorage
from fitness_assets.storage.interface import Storage
from fitness_assets.storage.volume import VolumeStorage
from fitness_assets.storage.volume_files import VolumeFiles, is_volume


def open_storage(root: Path) -> Storage:
    """The objects below a folder, which we alone read; below `/Volumes` it is one of a Unity Catalog volume."""
    return VolumeStorage(root) if is_volume(root) else FolderStorage(root)


def open_files(root: Path) -> Storage:
    """The files below a folder, which others read under their own names: those of the landing zone."""
    return VolumeFiles(root) if is_volume(root) else FolderStorage(root, is_shared=True)
