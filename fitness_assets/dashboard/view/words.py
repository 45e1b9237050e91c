"""Numbers, times and spans as text for people. All times are UTC and say so where they stand alone."""

from datetime import datetime, timedelta, timezone

NOTHING = "–"


def number(value: float | None, digits: int = 0) -> str:
    """With thousands separators: 2,500,000."""
    return NOTHING if value is None else f"{value:,.{digits}f}"


def counted(count: int, one: str, many: str = "") -> str:
    """A number and its noun: 1 visit, 2,000 visits."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size(count: int) -> str:
    """Bytes in decimal units: 812 B, 4.2 kB, 1.2 MB, 3.4 GB."""
    if count < 1000:
        return f"{count} B"
    power = min(3, (len(str(count)) - 1) // 3)
    return f"{count / 1000**power:,.1f} {'BkMG'[power]}B"


def years(ages: str) -> str:
    """A group of ages as it is written: 45–55."""
    return ages.replace("-", "–")


def share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else NOTHING


def as_utc(value: datetime) -> datetime:
    """Tables hold UTC; what carries no zone is UTC."""
    return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)


def day(value: datetime | None) -> str:
    return NOTHING if value is None else f"{as_utc(value):%a} {as_utc(value).day} {as_utc(value):%b %Y}"


def moment(value: datetime | None, seconds: bool = False) -> str:
    """A day and a time of day in UTC; its heading or label says so."""
    if value is None:
        return NOTHING
    utc = as_utc(value)
    return f"{utc.day} {utc:%b %Y, %H:%M:%S}" if seconds else f"{utc.day} {utc:%b %Y, %H:%M}"


def span(seconds: float | None) -> str:
    """A length of time in its two greatest units: 2 d 3 h, 1 h 05 min, 3 min 20 s, 4.2 s."""
    if seconds is None:
        return NOTHING
    if seconds < 0:
        return f"−{span(-seconds)}"
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


def minutes(value: float | None) -> str:
    return NOTHING if value is None else span(round(value) * 60) if value >= 60 else f"{value:.0f} min"


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago, as the page's script will also say it a second later."""
    if at is None:
        return NOTHING
    seconds = max(0, round((now - as_utc(at)) / timedelta(seconds=1)))
    return f"{seconds} s ago" if seconds < 10 else f"{span(seconds)} ago"
