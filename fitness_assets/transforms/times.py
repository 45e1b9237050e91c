"""Times and ages in SQL: epoch seconds to timestamps, minutes between two times, whole years between two days.

Expressions are texts: a long one crosses to the engine in one piece instead of call by call.
"""

from datetime import date

EARLIEST_EPOCH = -62_135_596_800
"""0001-01-01 in epoch seconds, the first second that a timestamp can hold."""
LATEST_EPOCH = 253_402_300_799
"""9999-12-31T23:59:59."""
MILLISECONDS_FROM = 100_000_000_000
"""A Kafka record time of 1e11 and above is in milliseconds, below it in seconds."""

_HUNDREDTH_OF_A_MINUTE = 600_000


def timestamp(epoch_seconds: str) -> str:
    """Epoch seconds as a timestamp, rounded to the nearest microsecond."""
    return f"timestamp_micros(cast(floor({epoch_seconds} * 1e6D + 0.5D) AS BIGINT))"


def record_day(record_time: str) -> str:
    """The UTC day of a Kafka record's time, which is in seconds or in milliseconds; null where it is no time."""
    seconds = f"(CASE WHEN {record_time} >= {MILLISECONDS_FROM} THEN {record_time} DIV 1000 ELSE {record_time} END)"
    day = f"date_from_unix_date(cast(floor({seconds} / 86400D) AS INT))"
    return f"CASE WHEN {seconds} BETWEEN {EARLIEST_EPOCH} AND {LATEST_EPOCH} THEN {day} END"


def minutes_between(start: str, end: str) -> str:
    """Minutes from one time to another, rounded half up to 2 decimals, counted in whole microseconds."""
    micros = f"(unix_micros({end}) - unix_micros({start}))"
    return f"(({micros} + {_HUNDREDTH_OF_A_MINUTE // 2}) DIV {_HUNDREDTH_OF_A_MINUTE}) / 100D"


def whole_years(birth: str, today: date) -> str:
    """Whole years on the given day; who was born on 29 February is older on 1 March of other years."""
    birthday_to_come = f"month({birth}) * 100 + day({birth}) > {today.month * 100 + today.day}"
    return f"({today.year} - year({birth}) - CASE WHEN {birthday_to_come} THEN 1 ELSE 0 END)"


def age_bin(birth: str, today: date) -> str:
    """The age bin on the given day; the lower bound belongs to the bin."""
    age = whole_years(birth, today)
    bins = [(18, "under 18"), (25, "18-25")] + [(low + 10, f"{low}-{low + 10}") for low in range(25, 95, 10)]
    cases = " ".join(f"WHEN {age} < {upper} THEN '{name}'" for upper, name in bins)
    return f"CASE WHEN {birth} IS NULL OR {birth} > DATE'{today.isoformat()}' THEN 'invalid age' {cases} ELSE '95+' END"
