"""Heart-rate recovery: how far the rate falls after the stop of a session, which coaches take for fitness."""

from collections.abc import Sequence
from dataclasses import dataclass

TOLERANCE_SECONDS = 10
"""A reading counts as the one at an instant if it is no farther from it."""
WINDOW_SECONDS = 120 + TOLERANCE_SECONDS


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


def measure_recovery(readings: Sequence[tuple[float, float]], next_start: float | None = None) -> Recovery:
    """The recovery that readings show.

    Args:
        readings: seconds since the stop (negative before it) and heart rate, valid readings in order of time.
        next_start: the seconds until the person starts again; None for never.
    """

    def rate_at(instant: float, latest: float) -> float | None:
        by_distance = [(abs(second - instant), second, rate) for second, rate in readings if second <= latest]
        distance, _, rate = min(by_distance, default=(TOLERANCE_SECONDS + 1.0, 0.0, 0.0))
        is_resting = next_start is None or instant < next_start
        return rate if distance <= TOLERANCE_SECONDS and is_resting else None

    latest = float("inf") if next_start is None else next_start
    return Recovery(at_stop=rate_at(0, 0), after_60=rate_at(60, latest), after_120=rate_at(120, latest))
