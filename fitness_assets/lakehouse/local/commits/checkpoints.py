"""Checkpoints of a table's log: made beside it, and told of once they are on the disk.

delta-rs writes a checkpoint and the hint to it without syncing either: after a power cut the hint could name an empty
file, and nobody could read the table.
"""

import os
import shutil
import uuid
from pathlib import Path

from deltalake import DeltaTable

from fitness_assets.lakehouse.local.log_files import log_folder
from fitness_assets.lakehouse.local.paths import scratch_folder
from fitness_assets.storage import sync_file, sync_folder

_HINT = "_last_checkpoint"


def write_checkpoint(table: Path, number: int) -> None:
    """Make a checkpoint of a version, and remove the commits that no version within retention needs."""
    log, scratch = log_folder(table), scratch_folder(table) / uuid.uuid4().hex
    copy = log_folder(scratch)
    copy.mkdir(parents=True)
    try:
        for name in _needed(log, number):
            os.link(log / name, copy / name)
        DeltaTable(str(scratch), version=number).create_checkpoint()
        made = [file for file in copy.iterdir() if int_prefix(file.name) == number and ".checkpoint" in file.name]
        for file in made:
            sync_file(file)
            file.replace(log / file.name)
        sync_folder(log)
        sync_file(copy / _HINT)
        (copy / _HINT).replace(log / _HINT)
        sync_folder(log)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    DeltaTable(str(table)).cleanup_metadata()


def _needed(log: Path, number: int) -> list[str]:
    """The latest checkpoint, and the commits since, up to a version."""
    names = [file.name for file in log.iterdir() if 0 <= int_prefix(file.name) <= number]
    checkpoints = [int_prefix(name) for name in names if ".checkpoint" in name]
    first = max(checkpoints, default=0)
    return [name for name in names if int_prefix(name) >= first and (".checkpoint" in name or name.endswith(".json"))]


def int_prefix(name: str) -> int:
    """The version that a file of a log is of; -1 for another file."""
    return int(name[:20]) if name[:20].isdigit() else -1
