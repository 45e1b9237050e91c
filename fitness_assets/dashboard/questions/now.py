"""Now: who is in the gyms, who trains, how much arrives, and how late."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from fitness_assets.dashboard.lake import Lake
from fitness_assets.dashboard.questions.answer import Answer

OPEN_AT_MOST_HOURS = 12
"""A visit open for longer is taken for one whose logout was never seen."""
TRAINS_AT_MOST_HOURS = 3
"""A workout without a stop for longer can never be a finished one (contract, section 4)."""


@dataclass(frozen=True)
class GymNow:
    """One gym at the moment.

    Attributes:
        people: wearables whose latest visit is here and open.
        training: how many of them have a workout under way.
        since: the login of the one who is here longest, UTC; None where nobody is here.
        last_login: the latest login at the gym up to now, UTC.
        forgotten: visits of the last week that were never closed and cannot be going on any more: the wearable was
            seen elsewhere or again since, or the login is more than 12 hours ago.
    """

    gym: int
    people: int
    training: int
    since: datetime | None
    last_login: datetime | None
    forgotten: int


@dataclass(frozen=True)
class GymsNow:
    """Every gym that ever had a visit, by number, with nobody in it too; `people` and `forgotten` are their sums."""

    gyms: tuple[GymNow, ...]
    people: int
    training: int
    forgotten: int


@dataclass(frozen=True)
class UnderWay:
    """The workouts that are going on, the latest started first.

    Attributes:
        workouts: a row a workout: `user_id, workout_id, session_id, name` (masked unless allowed), `start_time` (UTC),
            `minutes` (since the start), `gym` (null where the person is in none), `heartrate` (the latest valid reading
            since the start and within 5 minutes, beats a minute, null where there is none), `read_at` (its time, UTC),
            `zone` (0 to 5, null where the age is unknown).
    """

    workouts: pa.Table

    @property
    def count(self) -> int:
        return int(self.workouts.num_rows)


@dataclass(frozen=True)
class Readings:
    """How many heart rates were measured in the last minutes, by the time of measurement.

    Attributes:
        per_second: readings a second over the last whole minute up to now.
        wearables: how many different ones sent in that minute.
        invalid: readings of that minute that are not above zero (no contact with the skin).
        series: `time` (the begin of each stretch, UTC), `per_second`, `wearables`; stretches without readings are there,
            with zeros.
        stretch_seconds: how long each stretch is.
        newest: the newest reading of all up to now, UTC.
    """

    per_second: float
    wearables: int
    invalid: int
    series: pa.Table
    stretch_seconds: int
    newest: datetime | None


@dataclass(frozen=True)
class Delay:
    """How long the records of one source take from happening to being loaded, over those loaded in the last minutes.

    Attributes:
        source: `bpm`, `workout` or `user_info` (by the Kafka record's time) or `gym_logins` (by login or logout).
        records: how many were loaded in the last minutes; the seconds are None where there were none.
        median_seconds: half of the records took less.
        p95_seconds: one in twenty took longer.
        last_load: when the latest record of the source was loaded, UTC; None where there is none at all.
    """

    source: str
    records: int
    median_seconds: float | None
    p95_seconds: float | None
    last_load: datetime | None


def latest_moment(lake: Lake) -> Answer[datetime | None]:
    """The newest instant that any event tells of (reading, start or stop, login or logout), UTC; None without events.

    Pass it as `now` to look at recorded data as if it were live. Read from file statistics alone.
    """
    raise NotImplementedError


def in_the_gyms(lake: Lake, now: datetime | None = None) -> Answer[GymsNow]:
    """How many people are in each gym.

    A wearable is where its latest login is, if that visit is not over and began less than 12 hours ago. A visit whose
    logout is after `now` is still going on.
    """
    raise NotImplementedError


def workouts_under_way(lake: Lake, now: datetime | None = None, unmasked: bool = False) -> Answer[UnderWay]:
    """The workouts that are going on: the last event of the session is a start less than 3 hours ago, and the person
    started no other session since."""
    raise NotImplementedError


def readings(lake: Lake, now: datetime | None = None, minutes: int = 15) -> Answer[Readings]:
    """Readings a second over the last minutes. Opens only files that hold readings of that time."""
    raise NotImplementedError


def delays(lake: Lake, now: datetime | None = None, minutes: int = 15) -> Answer[tuple[Delay, ...]]:
    """For each source how late its records are loaded, over what was loaded in the last minutes."""
    raise NotImplementedError
