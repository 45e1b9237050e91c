"""What happened, in plain Python from the raw records of a sample with faults: no SQL of ours, no table of ours."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from fitness_assets.dashboard.table_reader.reader import TableReader

AS_OF = date(2026, 2, 28)
SECOND, MINUTE, HOUR = 1_000_000, 60_000_000, 3_600_000_000
SessionKey = tuple[int, int, int]
"""`user_id, workout_id, session_id`."""


def to_datetime(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=microseconds)


def age_on(date_of_birth: date, day: date) -> int:
    return day.year - date_of_birth.year - ((day.month, day.day) < (date_of_birth.month, date_of_birth.day))


@dataclass
class Expected:
    """What the records say, read one by one; times in microseconds since 1970.

    Attributes:
        reader: of the tables that were made from the same records.
        devices, mac_addresses, registrations: of each person's earliest registration.
        visits: the logout by MAC address, gym and login.
        finished: start and end of the finished sessions.
        rates: heart rates by device and time.
        birth_dates: of the people with a profile.
    """

    reader: TableReader
    devices: dict[int, int] = field(default_factory=dict)
    mac_addresses: dict[int, str] = field(default_factory=dict)
    registrations: dict[int, int] = field(default_factory=dict)
    visits: dict[tuple[str, int, int], int | None] = field(default_factory=dict)
    starts: dict[SessionKey, list[int]] = field(default_factory=lambda: defaultdict(list))
    stops: dict[SessionKey, list[int]] = field(default_factory=lambda: defaultdict(list))
    finished: dict[SessionKey, tuple[int, int]] = field(default_factory=dict)
    rates: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    birth_dates: dict[int, date] = field(default_factory=dict)

    def add(self, records: dict[str, list[tuple[Any, ...]]]) -> None:
        for user_id, device, mac_address, time in sorted(
            records["registered"], key=lambda record: (record[3], record[1], record[2])
        ):
            if user_id not in self.devices:
                self.devices[user_id] = device
                self.mac_addresses[user_id] = mac_address
                self.registrations[user_id] = time
        for mac_address, gym, login, logout in records["logins"]:
            earlier_logout = self.visits.get((mac_address, gym, login))
            self.visits[mac_address, gym, login] = max(filter(None, (earlier_logout, logout)), default=None)
        for user_id, workout_id, session_id, time, action in records["actions"]:
            (self.starts if action == "start" else self.stops)[user_id, workout_id, session_id].append(time)
        for key, starts in self.starts.items():
            pairs = [(start, stop) for start in starts for stop in self.stops[key] if start < stop < start + 3 * HOUR]
            if pairs:
                self.finished[key] = min(pairs)
        for device, time, rate in records["readings"]:
            self.rates[device][time] = max(rate, self.rates[device].get(time, float("-inf")))
        for record in sorted(records["profiles"], key=lambda record: (record[2], record[-1].encode())):
            self.birth_dates.pop(record[0], None)
            if record[1] != "delete":
                self.birth_dates[record[0]] = record[3]

    def instants(self) -> list[int]:
        """In the middle of some workouts."""
        return [(start + end) // 2 for start, end in sorted(self.finished.values())[::5]]

    def readings_during(self, key: SessionKey) -> list[tuple[int, float]]:
        """Time and heart rate of the valid readings of a finished session."""
        start, end = self.finished[key]
        rates = self.rates[self.devices[key[0]]] if key[0] in self.devices else {}
        return sorted((time, rate) for time, rate in rates.items() if rate > 0 and start < time <= end)
