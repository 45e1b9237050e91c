"""What must last, as whole objects by name: put, got, listed, deleted, and a lease.

Nothing above relies on rename, append or seek, which a Unity Catalog volume may refuse. Here an object is a file of a
folder or of a volume that is mounted; a volume that is reached by its API is a form of `databricks`.
"""

from fitness_assets.storage.factory import open_files, open_storage
from fitness_assets.storage.folder import FolderStorage, make_folder, sync_file, sync_folder
from fitness_assets.storage.interface import LEASE_PATIENCE_SECONDS, ObjectInfo, Storage, StorageReader
from fitness_assets.storage.lease import machine_lease
from fitness_assets.storage.volume_files import is_volume

__all__ = [
    "LEASE_PATIENCE_SECONDS",
    "FolderStorage",
    "ObjectInfo",
    "Storage",
    "StorageReader",
    "is_volume",
    "machine_lease",
    "make_folder",
    "open_files",
    "open_storage",
    "sync_file",
    "sync_folder",
]
