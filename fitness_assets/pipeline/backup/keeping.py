"""What a restore keeps of what was there: nobody who was forgotten comes back, and nothing that was let go and stays is
lost."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from fitness_assets.contracts.registry import all_tables
from fitness_assets.pipeline.state.archive_mark import put_mark, read_mark
from fitness_assets.pipeline.state.erasures import CUTOFFS, FOLDER, Cutoff, ErasureRegister
from fitness_assets.pipeline.state.progress import state_prefix
from fitness_assets.storage import FolderStorage, make_folder, sync_file, sync_folder

_FRESH = "_restoring"


def keep_erasures(before: Path, now: Path) -> None:
    """Who was forgotten before a restore is forgotten after it, and what was too old is too old.

    Args:
        before: the checkpoint zone that was put aside.
        now: the one in its place.
    """
    registers = [ErasureRegister(FolderStorage(zone)) for zone in (now, before)]
    cutoffs = _latest(cutoff for register in registers for cutoff in register.read().cutoffs)
    for file in sorted((before / FOLDER).rglob("*")):
        if file.is_file() and file != before / CUTOFFS:
            _copy(file, now / file.relative_to(before))
    if cutoffs:
        registers[0].put_cutoffs(cutoffs)


def keep_archives(before: Path, now: Path) -> None:
    """Of each table whose rows stay the archive that goes further: what a later one has exists nowhere else."""
    for table in all_tables().values():
        archive, mark = table.archive_table, read_mark(FolderStorage(before), table)
        restored = read_mark(FolderStorage(now), table)
        if archive is None or mark is None or (restored is not None and restored.before > mark.before):
            continue
        folder = f"{state_prefix(table)}/{archive.state_name}"
        if not (before / folder).is_dir():
            continue
        fresh = (now / folder).with_name(_FRESH)
        shutil.rmtree(fresh, ignore_errors=True)
        for file in sorted((before / folder).rglob("*")):
            if file.is_file():
                _copy(file, fresh / file.relative_to(before / folder))
        shutil.rmtree(now / folder, ignore_errors=True)
        fresh.rename(now / folder)
        sync_folder(fresh.parent)
        put_mark(FolderStorage(now), table, mark)


def _latest(cutoffs: Iterable[Cutoff]) -> list[Cutoff]:
    """Of each table, column and topic the latest."""
    found: dict[tuple[str, str, str | None], Cutoff] = {}
    for cutoff in sorted(cutoffs, key=lambda one: one.before):
        found[(cutoff.table, cutoff.column, cutoff.topic)] = cutoff
    return list(found.values())


def _copy(source: Path, target: Path) -> None:
    make_folder(target.parent)
    shutil.copy2(source, target)
    sync_file(target)
    sync_folder(target.parent)
