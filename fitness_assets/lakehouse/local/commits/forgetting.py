"""The history of a table in a folder, taken away: what is left are its latest version and the files that it needs.

The log goes with the data: the statistics of its commits tell the least and the greatest values of files that are gone.
"""

import os
from pathlib import Path

from fitness_assets.lakehouse.local.commits.checkpoints import int_prefix, write_checkpoint
from fitness_assets.lakehouse.local.log_files import commit_file, log_folder
from fitness_assets.lakehouse.local.paths import scratch_folder
from fitness_assets.lakehouse.local.snapshot import Snapshot
from fitness_assets.storage import sync_folder


def forget_history(snapshot: Snapshot) -> None:
    """Remove every earlier version. The commit of the latest one stays: its digest is the version's identity."""
    log, number = log_folder(snapshot.path), snapshot.version.number
    if number > 0:
        write_checkpoint(snapshot.path, number)
    for file in list(log.iterdir()):
        is_needed = int_prefix(file.name) == number or file.name == "_last_checkpoint"
        if not is_needed and file.is_file():
            file.unlink()
    sync_folder(log)
    _remove_unneeded(snapshot, log)
    assert commit_file(log, number).exists(), "the commit of the latest version stays"


def _remove_unneeded(snapshot: Snapshot, log: Path) -> None:
    needed = {snapshot.path / name for name in snapshot.files}
    kept_folders = {str(log), str(scratch_folder(snapshot.path))}
    for path, folders, names in os.walk(snapshot.path):
        folders[:] = [name for name in folders if f"{path}/{name}" not in kept_folders]
        for name in names:
            if Path(path) / name not in needed:
                (Path(path) / name).unlink(missing_ok=True)
        sync_folder(Path(path))
