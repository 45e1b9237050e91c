"""Putting a backup back into a base folder."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

from fitness_assets.contracts.registry import all_tables
from fitness_assets.errors import BackupError
from fitness_assets.pipeline.backup.copying import copied
from fitness_assets.pipeline.backup.keeping import keep_archives, keep_erasures
from fitness_assets.pipeline.backup.manifest import Backup
from fitness_assets.pipeline.backup.taking import CHECKPOINTS, DATA, LANDING
from fitness_assets.pipeline.state.locks import LOCK_NAME, table_lock
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.settings import Settings
from fitness_assets.storage import make_folder, sync_folder

_PATIENCE_SECONDS = 60.0
_ASIDE = "before_restore_"


def restore(settings: Settings, backup: Backup, is_replacing: bool) -> Path | None:
    """Copy a backup beside the zones, and then put it in their place; where what was there lies now.

    Files of the landing zone stay as they are: what landed since comes in by the next update.

    Args:
        is_replacing: whether zones that are there are put aside.

    Raises:
        BackupError: there are tables, and they are not to be replaced; or a file of the backup is damaged.
        LockTimeoutError: a table is being updated.
    """
    targets = {LANDING: settings.landing_zone, DATA: settings.data_zone, CHECKPOINTS: settings.checkpoint_zone}
    existing = list(_existing((settings.data_zone, settings.checkpoint_zone), settings.landing_zone))
    if existing and not is_replacing:
        raise BackupError(
            f"{existing[0]} is there already. Restore into an empty FITNESS_BASE_DIR, or say --replace: what is there "
            f"is put aside then, not removed."
        )
    storage = ProgressStore.from_settings(settings).storage
    fresh = settings.base_dir / "_restoring"
    with ExitStack() as locks:
        for table in all_tables().values():
            locks.enter_context(table_lock(storage, table, _PATIENCE_SECONDS))
        shutil.rmtree(fresh, ignore_errors=True)
        _copy(backup, fresh)
        aside = _put_aside(existing, settings) if existing else None
        # The landing zone first: a table that has used more than lies there would be told of.
        for part, target in targets.items():
            _move_children(fresh / part, target)
        shutil.rmtree(fresh)
        # Of what earlier restores put aside too: one of them may have been killed here.
        for folder in put_aside(settings):
            keep_archives(folder / settings.checkpoint_zone.name, settings.checkpoint_zone)
            keep_erasures(folder / settings.checkpoint_zone.name, settings.checkpoint_zone)
    return aside


def put_aside(settings: Settings) -> list[Path]:
    """What restores have put aside, and nobody has removed since."""
    return sorted(settings.base_dir.glob(f"{_ASIDE}*"))


def _copy(backup: Backup, fresh: Path) -> None:
    for name, known in backup.files.items():
        found = copied(backup.folder / name, fresh / name)
        if found.digest != known.digest:
            raise BackupError(
                f"{backup.folder / name} is damaged; nothing was changed. Restore an older backup "
                f"(fitness-assets restore SOURCE --at NAME)."
            )
    for folder in {(fresh / name).parent for name in backup.files}:
        sync_folder(folder)


def _existing(zones: Iterable[Path], landing_zone: Path) -> Iterator[Path]:
    """What lies in the zones and would be replaced; locks are nothing."""
    for zone in zones:
        for child in sorted(zone.iterdir()) if zone.is_dir() else ():
            if child != landing_zone and any(file.name != LOCK_NAME for file in child.rglob("*") if file.is_file()):
                yield child


def _put_aside(existing: list[Path], settings: Settings) -> Path:
    aside = settings.base_dir / f"{_ASIDE}{datetime.now(timezone.utc):%Y-%m-%dT%H-%M-%S.%fZ}"
    for child in existing:
        _move_all_but_locks(child, aside / child.relative_to(settings.base_dir))
    return aside


def _move_all_but_locks(source: Path, target: Path) -> None:
    """Whoever holds a lock holds it until the end."""
    if not any(source.rglob(LOCK_NAME)):
        make_folder(target.parent)
        source.rename(target)
        sync_folder(source.parent)
    elif source.is_dir():
        for child in sorted(source.iterdir()):
            if child.name != LOCK_NAME:
                _move_all_but_locks(child, target / child.name)


def _move_children(source: Path, target: Path) -> None:
    """Move what is in a folder; a file that is there already stays."""
    if not source.is_dir():
        return
    make_folder(target)
    for child in sorted(source.iterdir()):
        place = target / child.name
        if child.is_dir() and place.is_dir():
            _move_children(child, place)
        elif not place.exists():
            child.rename(place)
    sync_folder(target)
