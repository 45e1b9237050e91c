"""A session against the sessions of the same person before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

import pyarrow as pa

from fitness_assets.dashboard.queries.workouts.recovery import UNKNOWN_RECOVERY, Recovery


@dataclass(frozen=True)
class SessionAverages:
    """The person's finished sessions before this one; means are over sessions, None where no session has the number.

    Attributes:
        sessions: how many there are.
        minutes: their mean length.
        min_bpm, avg_bpm, max_bpm: the means of the sessions' own numbers, beats a minute.
        drop_60: mean recovery after 60 s of the latest 20 of the person's sessions, beats a minute.
    """

    sessions: int
    minutes: float | None
    min_bpm: float | None
    avg_bpm: float | None
    max_bpm: float | None
    drop_60: float | None


_SCHEMA = pa.schema(
    [
        ("workout_id", pa.int32()),
        ("session_id", pa.int32()),
        ("start_time", pa.timestamp("us", "UTC")),
        *[(name, pa.float64()) for name in ("minutes", "min_bpm", "avg_bpm", "max_bpm")],
        ("readings", pa.int64()),
        ("drop_60", pa.float64()),
        ("drop_120", pa.float64()),
        ("same_workout", pa.bool_()),
    ]
)


def build_earlier_sessions_table(
    sessions: Sequence[dict[str, Any]], recoveries: dict[tuple[int, int], Recovery], workout_id: int
) -> pa.Table:
    """A row for each of these earlier sessions, with its recovery and whether it is of the same workout.

    Args:
        recoveries: by workout_id and session_id.
    """
    rows = []
    for session in sessions:
        recovery = recoveries.get((session["workout_id"], session["session_id"]), UNKNOWN_RECOVERY)
        row = session | {
            "drop_60": recovery.drop_60,
            "drop_120": recovery.drop_120,
            "same_workout": session["workout_id"] == workout_id,
        }
        rows.append({name: row[name] for name in _SCHEMA.names})
    return pa.Table.from_pylist(rows, _SCHEMA)


def average_sessions(sessions: Sequence[dict[str, Any]]) -> SessionAverages:
    """The means over rows of `build_earlier_sessions_table`."""

    def mean(column: str) -> float | None:
        values = [row[column] for row in sessions if row[column] is not None]
        return fsum(values) / len(values) if values else None

    return SessionAverages(
        sessions=len(sessions),
        minutes=mean("minutes"),
        min_bpm=mean("min_bpm"),
        avg_bpm=mean("avg_bpm"),
        max_bpm=mean("max_bpm"),
        drop_60=mean("drop_60"),
    )
