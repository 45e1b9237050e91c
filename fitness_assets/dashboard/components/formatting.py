"""Numbers, times and durations as text for people. All times are UTC and say so where they stand alone."""

from datetime import datetime, timedelta, timezone

MISSING = "–"


def format_number(value: float | None, digits: int = 0) -> str:
    """With thousands separators: 2,500,000."""
    return MISSING if value is None else f"{value:,.{digits}f}"


def format_count(count: int, singular: str, plural: str = "") -> str:
    """A number and its noun: 1 visit, 2,000 visits."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def format_bytes(count: int) -> str:
    """Bytes in decimal units: 812 B, 4.2 kB, 1.2 MB, 3.4 GB."""
    if count < 1000:
        return f"{count} B"
    power = min(3, (len(str(count)) - 1) // 3)
    return f"{count / 1000**power:,.1f} {'BkMG'[power]}B"


def format_age_group(ages: str) -> str:
    """A group of ages as it is written: 45–55."""
    return ages.replace("-", "–")


def format_share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else MISSING


def as_utc(instant: datetime) -> datetime:
    """Tables hold UTC; what carries no zone is UTC."""
    return instant.replace(tzinfo=timezone.utc) if instant.tzinfo is None else instant.astimezone(timezone.utc)


def format_date(instant: datetime | None) -> str:
    return MISSING if instant is None else f"{as_utc(instant):%a} {as_utc(instant).day} {as_utc(instant):%b %Y}"


def format_datetime(instant: datetime | None, seconds: bool = False) -> str:
    """A day and a time of day in UTC; its heading or label says so."""
    if instant is None:
        return MISSING
    utc = as_utc(instant)
    return f"{utc.day} {utc:%b %Y, %H:%M:%S}" if seconds else f"{utc.day} {utc:%b %Y, %H:%M}"


def format_duration(seconds: float | None) -> str:
    """A length of time in its two greatest units: 2 d 3 h, 1 h 05 min, 3 min 20 s, 4.2 s."""
    if seconds is None:
        return MISSING
    if seconds < 0:
        return f"−{format_duration(-seconds)}"
    if 0 < seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86_400:,} d {whole % 86_400 // 3600} h"


def format_minutes(minutes: float | None) -> str:
    if minutes is None:
        return MISSING
    return format_duration(round(minutes) * 60) if minutes >= 60 else f"{minutes:.0f} min"


def format_time_ago(instant: datetime | None, now: datetime) -> str:
    """How long ago, as the page's script will also say it a second later."""
    if instant is None:
        return MISSING
    seconds = max(0, round((now - as_utc(instant)) / timedelta(seconds=1)))
    return f"{seconds} s ago" if seconds < 10 else f"{format_duration(seconds)} ago"
