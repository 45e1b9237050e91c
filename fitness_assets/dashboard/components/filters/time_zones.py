"""The time zones to choose from; a link may name any other, by its IANA name."""

from fitness_assets.dashboard.components.filters.inputs import Option

_NAMES = (
    "UTC",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Africa/Johannesburg",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
)
TIME_ZONE_OPTIONS: tuple[Option, ...] = tuple((name, name.replace("_", " ")) for name in _NAMES)
