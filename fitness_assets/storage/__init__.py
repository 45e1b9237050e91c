"""What must last, as whole objects by name: put, got, listed, deleted, and a lease.

Nothing above relies on rename, append or seek, which a Unity Catalog volume may refuse. Here an object is a file of a
folder, or of a volume; an object store would be a third form.
"""

from fitness_assets.storage.factory import open_storage
from fitness_assets.storage.folder import FolderStorage, make_folder, sync_file, sync_folder
from fitness_assets.storage.interface import LEASE_PATIENCE_SECONDS, ObjectInfo, Storage, StorageReader

__all__ = [
    "LEASE_PATIENCE_SECONDS",
    "FolderStorage",
    "ObjectInfo",
    "Storage",
    "StorageReader",
    "make_folder",
    "open_storage",
    "sync_file",
    "sync_folder",
]
