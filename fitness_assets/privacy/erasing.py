"""A person forgotten: in the tables, in all their versions, in the landed files, in what was extracted, in backups."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.errors import ErasureError
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.backup import backups_in, put_aside, take_backup
from fitness_assets.pipeline.landing.listing import feed_folder, list_files
from fitness_assets.pipeline.scheduler import outcome_problem, update_tables
from fitness_assets.pipeline.state.erased_rows import rows_telling
from fitness_assets.pipeline.state.erasures import REQUESTS, ErasureRegister, Erasures
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.pipeline.strategies.ingestion.blanking import BlankedFiles, Forgotten
from fitness_assets.privacy.history import forget_history
from fitness_assets.privacy.person import Person
from fitness_assets.privacy.rows import only, rows_of
from fitness_assets.privacy.search import files_with
from fitness_assets.sql_source.erasing import erase_extracted

Tell = Callable[[str], None]
_BROKER = (
    "Records that lie on a Kafka topic stay there until its retention: they are not read in again. Where they must go "
    "at once, send a tombstone (a null value) for each of the person's keys to a compacted topic, or delete records up "
    "to an offset (kafka-delete-records)."
)
_ENGINE_SCRATCH = "engine/scratch"
_SCRATCH = (
    "The Spark engine that is running has rows of the person in its scratch files until it is started anew: "
    "fitness-assets engine stop."
)


@dataclass(frozen=True)
class ErasureReport:
    """What was removed where. It does not say of whom.

    Attributes:
        id: the erasure's own, at random.
        tables: how many rows of each table went.
        lines: how many lines of each landed file were blanked.
        extracted: how many lines of the ledgers of extracted rows went.
        backups: backups that were removed, and the ones that were taken in their place.
        remains: what could not be removed, where, and for how long.
        found: files below the base folder, and in backups, in which the person was found when all was done.
    """

    id: str
    at: str
    tables: Mapping[str, int]
    lines: Mapping[str, int]
    extracted: int
    backups: Mapping[str, str]
    remains: tuple[str, ...]
    found: tuple[str, ...]

    def line(self) -> str:
        """The report for people, in a line."""
        rows, files = sum(self.tables.values()), len(self.lines)
        found = f"; found all the same: {', '.join(self.found)}" if self.found else ""
        return (
            f"erasure {self.id}: {rows:,} rows of {len(self.tables)} tables and lines of {files} files are gone{found}"
        )


def count_erasable(lake: Lakehouse, person: Person) -> dict[str, int]:
    """How many rows of each table, and lines of each landed file, an erasure would take away; nothing is changed."""
    erasures = only(person)
    rows = {name: sum(map(len, rows_of(lake, table, erasures))) for name, table in all_tables().items()}
    counts = {name: count for name, count in rows.items() if count}
    return counts | _count_lines(lake, person)


def erase(
    lake: Lakehouse, person: Person, backups: tuple[Path, ...] = (), tell: Tell = lambda line: None
) -> ErasureReport:
    """Forget a person. What is killed on the way is finished by doing it again.

    Args:
        backups: folders of backups; each is given a new one, and the others are removed.
        tell: takes a line for each step.

    Raises:
        ErasureError: a table cannot be brought up to date.
    """
    register = ErasureRegister(ProgressStore.from_settings(lake.settings).storage)
    tell("bringing in what has landed")
    _update(lake)
    before = {name: lake.log(table).row_count() for name, table in all_tables().items()}
    erasure = person.erasure(register.open())
    register.add(erasure)
    tell("taking the records out of bronze, and what was made of them")
    lines = _count_lines(lake, person)
    _delete_told(lake, person)
    _update(lake)
    after = {name: lake.log(table).row_count() for name, table in all_tables().items()}
    extracted = erase_extracted(lake.settings, register.read())
    tell("removing earlier versions")
    remains = [_BROKER] if lake.settings.kafka else []
    remains += forget_history(lake)
    renewed = {str(folder): _renew_backups(lake, folder, tell) for folder in backups}
    for folder in put_aside(lake.settings):
        shutil.rmtree(folder)
        renewed[str(folder)] = "put aside by a restore; removed"
    tell("looking for the person in every byte")
    paths = (path for place in _places(lake, backups) for path in files_with(place, person.search_texts, person.users))
    found = [str(path) for path in paths if f"/{REQUESTS}/" not in path.as_posix()]
    if scratch := [path for path in found if f"/{_ENGINE_SCRATCH}/" in path]:
        # Of an engine that is running: these files go with it, and nobody but it may take them away.
        remains.append(_SCRATCH)
        found = [path for path in found if path not in scratch]
    report = ErasureReport(
        id=erasure.id,
        at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        tables={name: before[name] - after[name] for name in before if before[name] != after[name]},
        lines=lines,
        extracted=extracted,
        backups=renewed,
        remains=tuple(remains),
        found=tuple(found),
    )
    register.put_report(erasure.id, asdict(report))
    return report


def _places(lake: Lakehouse, backups: Iterable[Path]) -> list[Path]:
    """The folders below which a person could be, none within another."""
    settings = lake.settings
    zones = {settings.base_dir, settings.landing_zone, settings.checkpoint_zone, *backups}
    zones |= set() if settings.catalog else {settings.data_zone}
    return sorted(zone for zone in zones if not any(other in zone.parents for other in zones))


def _count_lines(lake: Lakehouse, person: Person) -> dict[str, int]:
    """How many lines of which landed file are the person's."""
    forgotten, found = Forgotten(only(person), person.texts), dict[str, int]()
    for feed in FILE_FEEDS.values():
        folder = feed_folder(lake.settings, feed)
        for name in list_files(folder, feed).files:
            if numbers := forgotten.lines(feed, folder, name):
                found[f"{feed.name}/{name}"] = len(numbers)
    return found


def _update(lake: Lakehouse) -> None:
    problems = [problem for outcome in update_tables(lake, all_tables()) if (problem := outcome_problem(outcome))]
    if problems:
        raise ErasureError(
            f"Nobody can be forgotten while tables are not up to date: {'; '.join(problems)}. Mend that, and say it "
            f"again: what was done is not done twice."
        )


def _delete_told(lake: Lakehouse, person: Person) -> None:
    """Take out refused records that have no id of the person which can be read, but the name or the street."""
    storage = ProgressStore.from_settings(lake.settings).storage
    for name, feed in FILE_FEEDS.items():
        table, folder = get_table(name), feed_folder(lake.settings, feed)
        if person.texts:
            with table_lock(storage, table), lake.fenced(table):
                lake.delete_rows(table, lambda rows: rows_telling(rows, person.texts), "erased")
                # The update that follows notes what these files are now.
                blanked = BlankedFiles(storage, table, feed, folder)
                blanked.blank(list_files(folder, feed).files, Forgotten(Erasures(), person.texts))


def _renew_backups(lake: Lakehouse, folder: Path, tell: Tell) -> str:
    """Take a backup, and remove those before it, which have the person."""
    before = backups_in(folder)
    tell(f"taking a backup in the place of {len(before)} in {folder}")
    taken = take_backup(lake, folder)
    for backup in before:
        shutil.rmtree(backup.folder)
    return f"{len(before)} removed, {taken.folder.name} taken"
