"""Heart-rate zones, and the maximum heart rate by age. Pure functions of plain values.

The maximum heart rate is estimated after Tanaka, Monahan and Seals (2001): 208 - 0.7 x age, with the age in whole
years on the day of the workout. Zones are shares of it; the lower bound belongs to the zone.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class HeartRateZone:
    """A zone of effort: from `min_share` of the maximum heart rate on, below the next zone's."""

    number: int
    name: str
    min_share: float


ZONES = (
    HeartRateZone(0, "At rest", 0.0),
    HeartRateZone(1, "Very light", 0.5),
    HeartRateZone(2, "Light", 0.6),
    HeartRateZone(3, "Moderate", 0.7),
    HeartRateZone(4, "Hard", 0.8),
    HeartRateZone(5, "Maximum", 0.9),
)


def age_on(date_of_birth: date | None, day: date) -> int | None:
    """Age in whole years; None without a date of birth or with one after the day.

    Who was born on 29 February is older on 1 March of other years.
    """
    if date_of_birth is None or date_of_birth > day:
        return None
    return day.year - date_of_birth.year - ((day.month, day.day) < (date_of_birth.month, date_of_birth.day))


def max_heart_rate(age: int | None) -> float | None:
    """The estimated maximum heart rate in beats a minute: 208 - 0.7 x age; None for unknown ages and above 130."""
    return None if age is None or age > 130 else round(208 - 0.7 * age, 1)


def lower_bound(zone: HeartRateZone, max_rate: float) -> float:
    """The heart rate at which a zone begins, in beats a minute to one decimal."""
    return round(zone.min_share * max_rate, 1)


def zone_number(heart_rate: float, max_rate: float) -> int:
    """The number of the zone that a heart rate lies in."""
    return bisect_right([lower_bound(zone, max_rate) for zone in ZONES[1:]], heart_rate)
