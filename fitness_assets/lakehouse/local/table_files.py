"""The files of a table in a folder that belong to one of its versions and those before it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fitness_assets.lakehouse.local.log_files import latest_number, log_folder
from fitness_assets.lakehouse.local.paths import scratch_folder
from fitness_assets.lakehouse.local.transaction_log import LocalTransactionLog

_SIDECARS = "_sidecars"
"""Where checkpoints of the second kind have their parts."""


@dataclass(frozen=True)
class TableFiles:
    """What is to be copied so that a table is there as it was, with its change data feed.

    Attributes:
        log: the commits and checkpoints up to the version; without the hint to a checkpoint, which readers do without.
        needed: the data files of the version.
        others: what else lies in the folder, for versions before it; a vacuum may take these away meanwhile.
    """

    log: tuple[Path, ...]
    needed: frozenset[Path]
    others: tuple[Path, ...]


def table_files(folder: Path) -> TableFiles | None:
    """The files of a table's latest version; None where there is no table."""
    number = latest_number(log_folder(folder))
    if number < 0:
        return None
    needed = frozenset(folder / name for name in LocalTransactionLog(folder).snapshot(number).files)
    log = [file for file in sorted(log_folder(folder).iterdir()) if _is_up_to(file.name, number)]
    log += [file for file in sorted((log_folder(folder) / _SIDECARS).glob("*")) if file.is_file()]
    others = tuple(file for file in _data_files(folder) if file not in needed)
    return TableFiles(tuple(log), needed, others)


def _is_up_to(name: str, number: int) -> bool:
    return name[:20].isdigit() and int(name[:20]) <= number


def _data_files(folder: Path) -> Iterator[Path]:
    hidden = {str(log_folder(folder)), str(scratch_folder(folder))}
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if f"{path}/{name}" not in hidden]
        yield from (Path(path) / name for name in names)
