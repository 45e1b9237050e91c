"""Whether a backup still is what was copied."""

from collections.abc import Iterator

from fitness_assets.pipeline.backup.copying import digest_of
from fitness_assets.pipeline.backup.manifest import Backup, note_damaged


def verify(backup: Backup) -> Iterator[str]:
    """Read every file; each that is damaged or gone, and why. The next backup copies these anew."""
    damaged = set()
    for name, known in backup.files.items():
        try:
            if digest_of(backup.folder / name) != known.digest:
                damaged.add(name)
                yield f"{name} is damaged"
        except OSError as error:
            damaged.add(name)
            yield f"{name} cannot be read: {error.strerror}"
    note_damaged(backup, damaged)
