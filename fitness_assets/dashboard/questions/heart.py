"""What is known of hearts: the highest rate by age, and zones. Pure functions of plain values.

The highest heart rate is estimated after Tanaka, Monahan and Seals (2001): 208 - 0.7 x age, with the age in whole
years on the day of the workout. Zones are shares of it; the lower border belongs to the zone.
"""

from bisect import bisect_right
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
    """Age in whole years; None without a date of birth or with one after the day.

    Who was born on 29 February is older on 1 March of other years.
    """
    if born is None or born > day:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def highest_rate(age: int | None) -> float | None:
    """The estimated highest heart rate in beats a minute: 208 - 0.7 x age; None for unknown ages and above 130."""
    return None if age is None or age > 130 else round(208 - 0.7 * age, 1)


def border(zone: Zone, highest: float) -> float:
    """The heart rate at which a zone begins, in beats a minute to one decimal."""
    return round(zone.low * highest, 1)


def zone_of(heartrate: float, highest: float) -> int:
    """The number of the zone that a heart rate lies in."""
    return bisect_right([border(zone, highest) for zone in ZONES[1:]], heartrate)
