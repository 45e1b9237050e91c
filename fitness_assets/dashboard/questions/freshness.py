"""How far each table is: when it changed, what it waits for. From logs and notes alone, no row is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.questions.answer import present
from fitness_assets.lakehouse.predicates import Between
from fitness_assets.lakehouse.snapshot import Snapshot
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.pipeline.strategies.quarantine import progress_from_commits

NEW_FILES, NEW_DAY = "new files in the landing zone", "a new day"
_EVENT_TIMES = ("time", "end_time", "logout", "login", "updated", "registration_timestamp")


@dataclass(frozen=True)
class TableState:
    """One table at the moment.

    Attributes:
        description: what it holds, from its contract.
        version: None where it is not there yet.
        changed: when its rows last changed, UTC (compaction and vacuum change none).
        age_seconds: from then until now.
        operation: what the last change was, e.g. MERGE.
        newest: the newest event time in it, UTC, from file statistics; None where it has none.
        waits_for: the sources that changed since the table was brought up to date; also "new files in the landing
            zone", and "a new day" where ages are counted anew.
        state: "up to date", "waiting" (an update is due), "empty" or "not there".
    """

    table: str
    layer: str
    description: str
    version: int | None
    rows: int
    files: int
    bytes: int
    changed: datetime | None
    age_seconds: float | None
    operation: str | None
    newest: datetime | None
    waits_for: tuple[str, ...]
    state: str


def tables(lake: Lake, now: datetime | None = None) -> tuple[TableState, ...]:
    """The state of every table, sources first. Reads logs and notes alone."""
    at = present(now)
    snapshots = lake.snapshots(list(all_tables()))
    unread = lake.landing.changed()
    store = ProgressStore(lake.settings)
    found = []
    for name, table in all_tables().items():
        snapshot = snapshots[name]
        waits = _waits_for(lake, table, store.read(table), snapshots) + ((NEW_FILES,) if name in unread else ())
        change = snapshot.change if snapshot else None
        changed = change.at if change else None
        found.append(
            TableState(
                table=name,
                layer=table.layer.value,
                description=table.description,
                version=snapshot.version.number if snapshot else None,
                rows=snapshot.row_count if snapshot else 0,
                files=snapshot.adds.num_rows if snapshot else 0,
                bytes=snapshot.bytes if snapshot else 0,
                changed=changed,
                age_seconds=max((at - changed).total_seconds(), 0.0) if changed else None,
                operation=change.operation if change else None,
                newest=_newest(snapshot, at),
                waits_for=waits,
                state=_state(snapshot, waits),
            )
        )
    return tuple(found)


def _state(snapshot: Snapshot | None, waits: tuple[str, ...]) -> str:
    if snapshot is None:
        return "not there"
    if waits:
        return "waiting"
    return "up to date" if snapshot.row_count else "empty"


def _waits_for(
    lake: Lake, table: Table, noted: Progress | None, snapshots: dict[str, Snapshot | None]
) -> tuple[str, ...]:
    if table.strategy is UpdateStrategy.APPEND:
        return ()
    if table.strategy is UpdateStrategy.QUARANTINE:
        noted = progress_from_commits(lake.house, table, noted)
    found = []
    for source in table.sources:
        snapshot, used = snapshots[source.table], noted.sources.get(source.table) if noted else None
        if snapshot is None or snapshot.change is None:
            continue
        # A later version that changed no row (a compaction) is nothing to wait for.
        if used is None or used.table_id != snapshot.version.table_id or used.number < snapshot.change.version:
            found.append(source.table)
    if table.depends_on_date and noted and noted.as_of != lake.settings.as_of.isoformat():
        found.append(NEW_DAY)
    return tuple(found)


def _newest(snapshot: Snapshot | None, at: datetime) -> datetime | None:
    """The newest event time after the statistics; what a wrong clock puts into the future does not count."""
    if snapshot is None or snapshot.table.strategy in (UpdateStrategy.APPEND, UpdateStrategy.QUARANTINE):
        return None
    times: list[Any] = [snapshot.ends(name, {name: Between(high=at)})[1] for name in _EVENT_TIMES]
    return max((time for time in times if time is not None and time <= at), default=None)
