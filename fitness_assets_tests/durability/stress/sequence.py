"""One sequence of what people and machines do to a platform."""

import errno
import random
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.pipeline.backup import newest_backup, restore, take_backup
from fitness_assets.pipeline.maintenance import maintain_tables
from fitness_assets.sample.faults import Faults
from fitness_assets.sample.history import SampleSize, sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets_tests.durability.stress.faults import (
    COMMITS,
    NOTES,
    KilledError,
    cut_power,
    is_refusal,
    killed_at,
    refused_at,
)
from fitness_assets_tests.end_to_end.test_against_reference import assert_equals_reference, in_batches
from fitness_assets_tests.platform import AS_OF, Platform

NOTE_FILES = ("progress.json", "ingested_files.parquet", "checks.json")
COMMON = ("land", "land", "land", "land", "update", "update", "update", "kill", "kill")
RARE = (
    "refresh",
    "maintain",
    "restore_table",
    "drop",
    "lose_note",
    "tear_note",
    "touch",
    "back_up",
    "put_back",
    "cut_power",
    "fill_the_disk",
    "forbid_writing",
    "another_day",
    "two_at_once",
    "maintain_beside_an_update",
)


@dataclass(frozen=True)
class Step:
    """One thing that happens.

    Attributes:
        number: its place in the sequence, from which its own random numbers follow: it does the same without others.
    """

    number: int
    action: str


def steps_of(seed: int, length: int, more: tuple[str, ...] = ()) -> list[Step]:
    """The steps of a sequence.

    Args:
        more: further actions, which whoever runs the sequence brings with him.
    """
    rng = random.Random(seed)
    return [Step(number, rng.choice((*COMMON, *RARE, *more))) for number in range(length)]


class Sequence:
    """A platform of its own to which things happen.

    Args:
        tell: takes a line for each step.
        more: further actions by name, each given its random numbers.
    """

    def __init__(
        self,
        base: Path,
        spark: Callable[[], SparkSession],
        seed: int,
        tell: Callable[[str], None],
        more: dict[str, Callable[[Platform, random.Random], str]] | None = None,
    ) -> None:
        self._seed = seed
        self._rng = random.Random(seed)
        self._platform = Platform(base / "platform", spark)
        self._backups = base / "backups"
        self._tell = tell
        self._more = more or {}
        faults = Faults(late=0.2, repeated=0.2, corrected=0.4, malformed=0.05)
        events = sample_arrivals(SampleSize(users=4, days=1, reading_interval=499, seed=seed, faults=faults))
        self._rng.shuffle(events)
        self._batches = enumerate(in_batches(events, 40))
        write_calendar(self._platform.settings.landing_zone)

    def run(self, steps: list[Step]) -> None:
        """Let things happen, and then hold the tables against the reference.

        Raises:
            AssertionError: a table is not what the records say, or a check does not pass.
        """
        self._land()
        self._update()
        for step in steps:
            self._rng = random.Random(f"{self._seed}/{step.number}")
            if step.action in self._more:
                self._tell(f"{step.number}: {self._more[step.action](self._platform, self._rng)}")
            else:
                self._tell(f"{step.number}: {step.action.replace('_', ' ')} {getattr(self, f'_{step.action}')() or ''}")
        self._update()
        assert_equals_reference(self._platform)
        modes = {name: result.mode for name, result in self._platform.update().items()}
        assert set(modes.values()) == {"unchanged"}, modes

    def _land(self) -> str:
        landed = []
        for _ in range(self._rng.randrange(1, 4)):
            number, batch = next(self._batches, (0, []))
            if batch:
                landed.append(f"batch {number}")
                write_events(self._platform.settings.landing_zone, batch, f"batch_{number}")
        return ", ".join(landed)

    def _update(self) -> None:
        self._platform.update()

    def _refresh(self) -> str:
        name = self._any_table()
        self._platform.update(name, full=True)
        return name

    def _maintain(self) -> None:
        assert not [result.problem for result in maintain_tables(self._platform.lake, all_tables()) if result.problem]

    def _restore_table(self) -> str:
        name = self._any_table()
        latest = self._platform.version(name)
        version = self._rng.randrange(latest) if latest > 0 else latest
        if version < latest:
            DeltaTable(str(self._platform.path(name))).restore(version)
        return f"{name} from version {latest} to {version}"

    def _drop(self) -> str:
        name = self._any_table()
        shutil.rmtree(self._platform.path(name))
        self._platform.lake.ensure(get_table(name))
        return name

    def _lose_note(self) -> str:
        note = self._any_note()
        note.unlink()
        return str(note)

    def _tear_note(self) -> str:
        note = self._any_note()
        content = note.read_bytes()
        note.write_bytes(content[: self._rng.randrange(len(content))])
        return str(note)

    def _touch(self) -> str:
        files = [file for file in self._platform.settings.landing_zone.rglob("*") if file.is_file()]
        file = self._rng.choice(sorted(files))
        file.touch()
        return file.name

    def _kill(self) -> str:
        # Commits are few among notes, and killing one is the harder case.
        kinds = self._rng.choice([(COMMITS,), (COMMITS, NOTES)])
        number, is_after = self._rng.randrange(8 * len(kinds)), self._rng.random() < 0.5
        with killed_at(number, is_after, kinds), suppress(KilledError):
            self._platform.update()
        return f"{'after' if is_after else 'before'} write {number} of {' and '.join(kinds)}"

    def _cut_power(self) -> str:
        number = self._rng.randrange(120)
        is_cut = cut_power(self._platform.settings.base_dir, number, self._platform.update)
        return f"at sync {number}" if is_cut else f"no more, at sync {number}"

    def _fill_the_disk(self) -> str:
        return self._refused(errno.ENOSPC)

    def _forbid_writing(self) -> str:
        return self._refused(errno.EROFS)

    def _refused(self, reason: int) -> str:
        number = self._rng.randrange(60)
        try:
            with refused_at(number, reason):
                self._platform.update()
        except Exception as error:  # whatever it became on its way; it must tell of the disk
            assert is_refusal(error), repr(error)
        return f"at write {number}"

    def _another_day(self) -> str:
        days = self._rng.randrange(1, 400)
        settings = self._platform.settings
        Platform(settings.base_dir, self._platform.spark, AS_OF + timedelta(days=days)).update()
        return f"{days} later"

    def _two_at_once(self) -> None:
        other = Platform(self._platform.settings.base_dir, self._platform.spark)
        with ThreadPoolExecutor() as pool:
            for done in [pool.submit(platform.update) for platform in (self._platform, other)]:
                done.result()

    def _maintain_beside_an_update(self) -> None:
        with ThreadPoolExecutor() as pool:
            other = Platform(self._platform.settings.base_dir, self._platform.spark)
            maintained = pool.submit(lambda: list(maintain_tables(other.lake, all_tables())))
            self._platform.update()
            assert not [result.problem for result in maintained.result() if result.problem]

    def _back_up(self) -> None:
        take_backup(self._platform.lake, self._backups)

    def _put_back(self) -> str:
        if not self._backups.is_dir():
            return "nothing: there is no backup"
        restore(self._platform.settings, newest_backup(self._backups), is_replacing=True)
        return ""

    def _any_table(self) -> str:
        names = sorted(name for name in all_tables() if self._platform.lake.log(get_table(name)).exists())
        return self._rng.choice(names)

    def _any_note(self) -> Path:
        zone = self._platform.settings.checkpoint_zone
        return self._rng.choice(sorted(file for name in NOTE_FILES for file in zone.rglob(name)))
