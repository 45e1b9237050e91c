"""One session of a workout: its heart-rate curve with zones, its numbers, recovery, and the sessions before it."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.questions.answer import Answer
from fitness_assets.dashboard.questions.workouts import Status

BEFORE_SECONDS = 60
AFTER_SECONDS = 180
"""The curve shows so much before the start and after the stop, where there are readings."""
LONGEST_STRETCH_SECONDS = 60
"""A reading stands for the time until the next one, but for no longer than this: a gap is no time in a zone."""
NEAR_SECONDS = 10
"""A reading counts as the one at an instant if it is no farther from it."""


@dataclass(frozen=True)
class ZoneTime:
    """How long the heart was in a zone.

    Attributes:
        low, high: its borders in beats a minute, `low` included; `high` is None for the highest zone.
        seconds: each valid reading of the session counts until the next one, the end, or 60 s, whatever comes first.
        share: of the seconds in all zones, 0 to 1; 0 where there are none.
    """

    number: int
    name: str
    low: float
    high: float | None
    seconds: float
    share: float


@dataclass(frozen=True)
class Recovery:
    """How far the heart rate fell after the stop, in beats a minute; greater is fitter.

    Each rate is the valid reading nearest to the instant and no more than 10 s from it, the earlier one of two; for
    the stop itself only readings up to it count. None where there is no such reading, and after a new start.
    """

    at_stop: float | None
    after_60: float | None
    after_120: float | None

    @property
    def drop_60(self) -> float | None:
        return None if self.at_stop is None or self.after_60 is None else self.at_stop - self.after_60

    @property
    def drop_120(self) -> float | None:
        return None if self.at_stop is None or self.after_120 is None else self.at_stop - self.after_120


@dataclass(frozen=True)
class Comparison:
    """The person's finished sessions before this one; means are over sessions, None where no session has the number.

    Attributes:
        sessions: how many there are.
        minutes: their mean length.
        min_bpm, avg_bpm, max_bpm: the means of the sessions' own numbers, beats a minute.
        drop_60: mean recovery after 60 s, beats a minute.
    """

    sessions: int
    minutes: float | None
    min_bpm: float | None
    avg_bpm: float | None
    max_bpm: float | None
    drop_60: float | None


@dataclass(frozen=True)
class Session:
    """One session.

    Attributes:
        name: of the person; masked unless allowed.
        status: finished, under way, or no stop.
        start_time, end_time: UTC; `end_time` is None where it is not finished.
        until: up to when readings were looked at: the end; now where it is under way; where there is no stop the next
            start of the person, or 3 hours after the start.
        minutes: from start to end, for one that is not finished to the last reading (0 where there is none).
        gym: where it took place; None where it did not begin during a visit.
        age: of the person in whole years on the day of the start (UTC); None where unknown.
        highest: the estimated highest heart rate, 208 - 0.7 x age; None where the age is unknown.
        zones: from the lowest to the highest; empty where the age is unknown.
        curve: `time` (UTC), `second` (since the start, negative before it), `heartrate` (beats a minute, valid readings
            only), `zone` (0 to 5; null where the age is unknown), `part` ("before", "during" or "after").
        min_bpm, avg_bpm, max_bpm: over the valid readings after the start, up to and at the end; None where there are none.
        readings: how many those are.
        invalid: readings of that time that are not above zero.
        gaps: stretches of that time of more than 60 s without a valid reading.
        earlier: the person's finished sessions before this one, oldest first: `workout_id, session_id, start_time`
            (UTC)`, minutes, min_bpm, avg_bpm, max_bpm, readings, drop_60, drop_120` (null where unknown)`, same_workout`.
        against_all: the means of all of them.
        against_same: the means of those with the same workout_id.
    """

    user_id: int
    workout_id: int
    session_id: int
    name: str
    status: Status
    start_time: datetime
    end_time: datetime | None
    until: datetime
    minutes: float
    gym: int | None
    age: int | None
    highest: float | None
    zones: tuple[ZoneTime, ...]
    curve: pa.Table
    min_bpm: float | None
    avg_bpm: float | None
    max_bpm: float | None
    readings: int
    invalid: int
    gaps: int
    recovery: Recovery
    earlier: pa.Table
    against_all: Comparison
    against_same: Comparison


def session(
    lake: Lake,
    user_id: int,
    workout_id: int,
    session_id: int,
    now: datetime | None = None,
    unmasked: bool = False,
) -> Answer[Session | None]:
    """One session, or None where there is no start of it. Opens only files that hold readings of the person's time."""
    raise NotImplementedError
