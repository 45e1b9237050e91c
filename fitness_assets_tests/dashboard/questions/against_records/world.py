"""What happened, told in plain Python from the raw records of a disordered sample: no SQL of ours, no table of ours."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from fitness_assets.dashboard.lake import Lake

AS_OF = date(2026, 2, 28)
SECOND, MINUTE, HOUR = 1_000_000, 60_000_000, 3_600_000_000
Key = tuple[int, int, int]


def when(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=micros)


@dataclass
class World:
    """What happened, told from the records one by one; times in microseconds since 1970."""

    lake: Lake
    device: dict[int, int] = field(default_factory=dict)
    mac: dict[int, str] = field(default_factory=dict)
    registered: dict[int, int] = field(default_factory=dict)
    visits: dict[tuple[str, int, int], int | None] = field(default_factory=dict)
    starts: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    stops: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    pairs: dict[Key, tuple[int, int]] = field(default_factory=dict)
    rates: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    born: dict[int, date] = field(default_factory=dict)

    def tell(self, rows: dict[str, list[tuple[Any, ...]]]) -> None:
        for user_id, device, mac, t in sorted(rows["registered"], key=lambda row: (row[3], row[1], row[2])):
            if user_id not in self.device:
                self.device[user_id], self.mac[user_id], self.registered[user_id] = device, mac, t
        for mac, gym, login, logout in rows["logins"]:
            known = self.visits.get((mac, gym, login))
            self.visits[mac, gym, login] = max(filter(None, (known, logout)), default=None)
        for user_id, workout, one, t, action in rows["actions"]:
            (self.starts if action == "start" else self.stops)[user_id, workout, one].append(t)
        for key, starts in self.starts.items():
            pairs = [(s, e) for s in starts for e in self.stops[key] if s < e < s + 3 * HOUR]
            if pairs:
                self.pairs[key] = min(pairs)
        for device, t, rate in rows["readings"]:
            self.rates[device][t] = max(rate, self.rates[device].get(t, float("-inf")))
        for row in sorted(rows["profiles"], key=lambda row: (row[2], row[-1].encode())):
            self.born.pop(row[0], None)
            if row[1] != "delete":
                self.born[row[0]] = row[3]

    def instants(self) -> list[int]:
        """In the middle of some workouts."""
        return [(start + end) // 2 for start, end in sorted(self.pairs.values())[::5]]

    def during(self, key: Key) -> list[tuple[int, float]]:
        start, end = self.pairs[key]
        rates = self.rates[self.device[key[0]]] if key[0] in self.device else {}
        return sorted((t, rate) for t, rate in rates.items() if rate > 0 and start < t <= end)
