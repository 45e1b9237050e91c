"""Random sequences of what people and machines do to a platform; afterwards one update must make every table right.

    .venv/bin/python -m fitness_assets_tests.durability.stress --sequences 50

Each sequence has a seed, which is printed, and with `--seed` done again.
"""

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.lakehouse.local.commits import transaction
from fitness_assets.pipeline.backup import newest_backup, restore, take_backup
from fitness_assets.pipeline.maintenance import maintain_tables
from fitness_assets.sample.faults import Faults
from fitness_assets.sample.history import SampleSize, sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets.storage import FolderStorage
from fitness_assets_tests.end_to_end.test_against_reference import assert_equals_reference, in_batches
from fitness_assets_tests.platform import Platform

NOTES = ("progress.json", "ingested_files.parquet", "checks.json")


class KilledError(BaseException):
    """The process is gone."""


class Sequence:
    """One sequence of actions on a platform of its own.

    Args:
        tell: takes a line for each action.
    """

    def __init__(self, base: Path, spark: Callable[[], SparkSession], seed: int, tell: Callable[[str], None]) -> None:
        self._random = random.Random(seed)
        self._platform = Platform(base / "platform", spark)
        self._backups = base / "backups"
        self._tell = tell
        faults = Faults(late=0.2, repeated=0.2, corrected=0.4, malformed=0.05)
        sample = SampleSize(users=4, days=1, reading_interval=499, seed=seed, faults=faults)
        events = sample_arrivals(sample)
        self._random.shuffle(events)
        self._batches = enumerate(in_batches(events, 40))
        write_calendar(self._platform.settings.landing_zone)

    def run(self, length: int) -> None:
        """Do so many things, and then hold the tables against the reference.

        Raises:
            AssertionError: a table is not what the records say, or a check does not pass.
        """
        self._land()
        self._update()
        actions = [self._land] * 4 + [self._update] * 3
        actions += [self._refresh, self._maintain, self._restore_table, self._drop, self._lose_note, self._tear_note]
        actions += [self._kill, self._kill, self._touch, self._back_up, self._put_back]
        for _ in range(length):
            self._random.choice(actions)()
        self._update()
        assert_equals_reference(self._platform)
        modes = {name: result.mode for name, result in self._platform.update().items()}
        assert set(modes.values()) == {"unchanged"}, modes

    def _land(self) -> None:
        for _ in range(self._random.randrange(1, 4)):
            number, batch = next(self._batches, (0, []))
            if batch:
                self._tell(f"land batch {number}")
                write_events(self._platform.settings.landing_zone, batch, f"batch_{number}")

    def _update(self) -> None:
        self._tell("update")
        self._platform.update()

    def _refresh(self) -> None:
        name = self._any_table()
        self._tell(f"refresh {name}")
        self._platform.update(name, full=True)

    def _maintain(self) -> None:
        self._tell("maintain")
        assert not [result.problem for result in maintain_tables(self._platform.lake, all_tables()) if result.problem]

    def _restore_table(self) -> None:
        name = self._any_table()
        latest = self._platform.version(name)
        if latest > 0:
            version = self._random.randrange(latest)
            self._tell(f"restore {name} from version {latest} to {version}")
            DeltaTable(str(self._platform.path(name))).restore(version)

    def _drop(self) -> None:
        name = self._any_table()
        self._tell(f"drop {name}")
        shutil.rmtree(self._platform.path(name))
        self._platform.lake.ensure(get_table(name))

    def _lose_note(self) -> None:
        if note := self._any_note():
            self._tell(f"lose {note}")
            note.unlink()

    def _tear_note(self) -> None:
        if note := self._any_note():
            self._tell(f"tear {note}")
            content = note.read_bytes()
            note.write_bytes(content[: self._random.randrange(len(content))])

    def _touch(self) -> None:
        files = [file for file in self._platform.settings.landing_zone.rglob("*") if file.is_file()]
        file = self._random.choice(sorted(files))
        self._tell(f"touch {file.name}")
        file.touch()

    def _kill(self) -> None:
        number = self._random.randrange(40)
        self._tell(f"kill an update at write {number}")
        with killed_at(number):
            try:
                self._platform.update()
            except KilledError:
                return

    def _back_up(self) -> None:
        self._tell("back up")
        take_backup(self._platform.lake, self._backups)

    def _put_back(self) -> None:
        if self._backups.is_dir():
            self._tell("put back")
            restore(self._platform.settings, newest_backup(self._backups), is_replacing=True)

    def _any_table(self) -> str:
        names = sorted(name for name in all_tables() if self._platform.lake.log(get_table(name)).exists())
        return self._random.choice(names)

    def _any_note(self) -> Path | None:
        zone = self._platform.settings.checkpoint_zone
        notes = sorted(file for name in NOTES for file in zone.rglob(name))
        return self._random.choice(notes) if notes else None


@contextmanager
def killed_at(number: int) -> Iterator[None]:
    """Let the process die before or after its n-th write of a commit or a note."""
    count, put_if_absent, put = [0], transaction.put_if_absent, FolderStorage.put

    def dies(write: Callable[..., None]) -> Callable[..., None]:
        def written(*arguments: object) -> None:
            count[0] += 1
            if count[0] > number:
                if (number + count[0]) % 2:
                    write(*arguments)
                raise KilledError
            write(*arguments)

        return written

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction, "put_if_absent", dies(put_if_absent))
        patch.setattr(FolderStorage, "put", dies(put))
        yield


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sequences", type=int, default=20)
    parser.add_argument("--length", type=int, default=10)
    parser.add_argument("--seed", type=int, help="that of one sequence, which is done again")
    chosen = parser.parse_args()
    first = int(time.time()) if chosen.seed is None else chosen.seed
    for seed in range(first, first + (1 if chosen.seed is not None else chosen.sequences)):
        base = Path(tempfile.mkdtemp(prefix="fitness_stress_"))
        print(f"--seed {seed}", flush=True)
        Sequence(base, get_spark_session, seed, lambda line: print(f"  {line}", flush=True)).run(chosen.length)
        shutil.rmtree(base)


if __name__ == "__main__":
    main()
