"""Whether a backup still is what was copied."""

from collections.abc import Iterator

from fitness_assets.pipeline.backup.copying import digest_of
from fitness_assets.pipeline.backup.manifest import Backup


def verify(backup: Backup) -> Iterator[str]:
    """Read every file; each that is damaged or gone, and why."""
    for name, known in backup.files.items():
        try:
            if digest_of(backup.folder / name) != known.digest:
                yield f"{name} is damaged"
        except OSError as error:
            yield f"{name} cannot be read: {error.strerror}"
