"""How far the heart rate falls after the stop of a session: what coaches take for fitness."""

from collections.abc import Sequence
from dataclasses import dataclass

NEAR_SECONDS = 10
"""A reading counts as the one at an instant if it is no farther from it."""
LOOKS_AHEAD_SECONDS = 120 + NEAR_SECONDS


@dataclass(frozen=True)
class Recovery:
    """How far the heart rate fell after the stop, in beats a minute; greater is fitter.

    Each rate is the valid reading nearest to the instant and no more than 10 s from it, the earlier one of two; for
    the stop itself only readings up to it count. None where there is no such reading, and from a new start of the
    person on.
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


UNKNOWN_RECOVERY = Recovery(None, None, None)


def recovery(readings: Sequence[tuple[float, float]], rests: float | None = None) -> Recovery:
    """The recovery that readings show.

    Args:
        readings: seconds since the stop (negative before it) and heart rate, valid readings in order of time.
        rests: the seconds until the person starts again; None for never.
    """

    def at(instant: float, latest: float) -> float | None:
        near = [(abs(second - instant), second, rate) for second, rate in readings if second <= latest]
        off, _, rate = min(near, default=(NEAR_SECONDS + 1.0, 0.0, 0.0))
        return rate if off <= NEAR_SECONDS and (rests is None or instant < rests) else None

    latest = float("inf") if rests is None else rests
    return Recovery(at(0, 0), at(60, latest), at(120, latest))
