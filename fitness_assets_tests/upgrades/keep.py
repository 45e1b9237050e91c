"""Keep what this version makes, for the tests of the next one. Done before a release, and when tables or notes change:

    .venv/bin/python -m fitness_assets_tests.upgrades.keep

The first half of the sample is landed and brought up to date; `base.tar.gz` is that base folder.
"""

import tarfile
import tempfile
from pathlib import Path

from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, in_batches
from fitness_assets_tests.platform import Platform

KEPT = Path(__file__).with_name("base.tar.gz")


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """An entry without what only says on which machine it was made."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return None if entry.name.endswith(".lock") or "/sessions" in entry.name else entry


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(Path(folder) / "base", get_spark_session)
        write_calendar(platform.settings.landing_zone)
        write_events(platform.settings.landing_zone, in_batches(sample_arrivals(UNTIDY), 2)[0], "first")
        platform.update()
        with tarfile.open(KEPT, "w:gz") as archive:
            archive.add(platform.settings.base_dir, "base", filter=_of_nobody)
    print(f"{KEPT.name}: {KEPT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
