"""What is known of hearts: the highest rate by age, zones, and recovery. Pure functions of plain values.

The highest heart rate is estimated by Tanaka, Monahan and Seals (2001): 208 - 0.7 x age, with the age in whole years
on the day of the workout. Zones are shares of it; the lower border belongs to the zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Zone:
    """A zone of effort: from `low` on, below the next one's `low`; both are shares of the highest heart rate."""

    number: int
    name: str
    low: float


ZONES = (
    Zone(0, "At rest", 0.0),
    Zone(1, "Very light", 0.5),
    Zone(2, "Light", 0.6),
    Zone(3, "Moderate", 0.7),
    Zone(4, "Hard", 0.8),
    Zone(5, "Maximum", 0.9),
)


def age_on(born: date | None, day: date) -> int | None:
    """Age in whole years; None without a date of birth or with one after the day. Born on 29 February: older on 1 March
    of other years."""
    raise NotImplementedError


def highest_rate(age: int | None) -> float | None:
    """The estimated highest heart rate in beats a minute: 208 - 0.7 x age."""
    raise NotImplementedError


def zone_of(heartrate: float, highest: float) -> int:
    """The number of the zone that a heart rate lies in."""
    raise NotImplementedError
