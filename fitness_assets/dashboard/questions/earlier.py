"""A session against the sessions of the same person before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

import pyarrow as pa

from fitness_assets.dashboard.questions.recovery import UNKNOWN_RECOVERY, Recovery


@dataclass(frozen=True)
class Comparison:
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


_EARLIER = pa.schema(
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


def earlier_rows(before: Sequence[dict[str, Any]], drops: dict[tuple[int, int], Recovery], workout_id: int) -> pa.Table:
    rows = []
    for row in before:
        fell = drops.get((row["workout_id"], row["session_id"]), UNKNOWN_RECOVERY)
        same = row["workout_id"] == workout_id
        rows.append({**row, "drop_60": fell.drop_60, "drop_120": fell.drop_120, "same_workout": same})
    return pa.Table.from_pylist([{name: row[name] for name in _EARLIER.names} for row in rows], _EARLIER)


def compared(rows: Sequence[dict[str, Any]]) -> Comparison:
    def mean(name: str) -> float | None:
        values = [row[name] for row in rows if row[name] is not None]
        return fsum(values) / len(values) if values else None

    return Comparison(len(rows), mean("minutes"), mean("min_bpm"), mean("avg_bpm"), mean("max_bpm"), mean("drop_60"))
