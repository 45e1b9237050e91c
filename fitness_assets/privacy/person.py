"""Who a person is in the data: ids, devices and their addresses with the time that they were this person's, and the
texts by which people would look for him or her."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from fitness_assets.contracts.feeds import KAFKA_RECORDS, REGISTERED_USERS
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import ErasureError
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.state.erased_rows import DEVICE, MAC, USER, as_id
from fitness_assets.pipeline.state.erasures import Belonging, Erasure, Erasures, Interval, read_erasures
from fitness_assets.pipeline.state.progress import ProgressStore

_NAMES = ("first_name", "last_name", "street_address")
_MIN_DIGITS = 6
"""A shorter number is found everywhere, and says nothing of a person."""


@dataclass(frozen=True)
class Person:
    """One person.

    Attributes:
        users: the person's ids, as texts.
        devices: what was this person's, and when.
        macs: likewise, in the one notation.
        texts: full names and streets, as they came.
        shared: devices and addresses that were somebody else's, too.
    """

    users: tuple[str, ...] = ()
    devices: tuple[tuple[str, Interval], ...] = ()
    macs: tuple[tuple[str, Interval], ...] = ()
    texts: tuple[str, ...] = ()
    shared: frozenset[str] = frozenset()

    def erasure(self, erasures: Erasures) -> Erasure:
        """What is kept of the person: keyed hashes."""
        return Erasure(
            id=secrets.token_hex(8),
            at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            users=tuple(erasures.hash(USER, user) for user in self.users),
            devices=tuple(Belonging(erasures.hash(DEVICE, id_), *interval) for id_, interval in self.devices),
            macs=tuple(Belonging(erasures.hash(MAC, id_), *interval) for id_, interval in self.macs),
        )

    @property
    def search_texts(self) -> list[str]:
        """What to look for in every byte: whatever is long enough to be of one person alone."""
        ids = (*self.users, *{id_ for id_, _ in self.devices} - self.shared)
        numbers = [id_ for id_ in ids if len(id_) >= _MIN_DIGITS]
        macs = [form for mac in {id_ for id_, _ in self.macs} - self.shared for form in _notations(mac)]
        return [*numbers, *macs, *self.texts]


def find_person(lake: Lakehouse, user: str | None = None, device: str | None = None, mac: str | None = None) -> Person:
    """The person with an id, or who has a device or address now; of somebody whose erasure was killed what is left.

    Raises:
        ErasureError: nobody has registered the device or address.
    """
    registrations = list(_registrations(lake))
    users = [as_id(USER, user)[1]] if user else _owners(registrations, device, mac)
    if not users and (known := _erased_before(lake, device, mac)):
        return known
    if not users:
        raise ErasureError(
            "No registration that was accepted names this device or address. Name the person's id (--user), or land "
            "the registration first."
        )
    return Person(
        users=tuple(users),
        devices=tuple(_times(registrations, users, 1)),
        macs=tuple(_times(registrations, users, 2)),
        texts=tuple(_texts(lake, users)),
        shared=frozenset(id_ for user, *ids, _ in registrations if user not in users for id_ in ids),
    )


def _erased_before(lake: Lakehouse, device: str | None, mac: str | None) -> Person | None:
    """Somebody whose registrations are gone already, by what is kept of the erasure; None where there was none."""
    erasures = read_erasures(ProgressStore.from_settings(lake.settings).storage)
    kind, id_ = as_id(DEVICE, device) if device else as_id(MAC, mac)
    intervals = (erasures.devices if device else erasures.macs).get(erasures.hash(kind, id_), [])
    belongings = tuple((id_, interval) for interval in intervals)
    if not belongings:
        return None
    return Person(devices=belongings) if device else Person(macs=belongings)


Registration = tuple[str, str, str, float]
"""A person's id, a device, its address, and since when, epoch seconds."""


def _registrations(lake: Lakehouse) -> Iterator[Registration]:
    table = get_table(REGISTERED_USERS.table)
    lake.ensure(table)
    with lake.query_engine() as engine:
        scan = engine.scan(table)
        rows = scan.fetch(
            f"SELECT user_id, device_id, mac_address, registration_timestamp FROM {scan.all_rows} WHERE reason IS NULL"
        )
    for user, device, mac, time in rows:
        yield as_id(USER, user)[1], as_id(DEVICE, device)[1], as_id(MAC, mac)[1], float(time)


def _owners(registrations: Iterable[Registration], device: str | None, mac: str | None) -> list[str]:
    """Who registered a device or an address last."""
    wanted = as_id(DEVICE, device)[1] if device else as_id(MAC, mac)[1]
    place = 1 if device else 2
    found = [registration for registration in registrations if registration[place] == wanted]
    return [max(found, key=lambda registration: registration[3])[0]] if found else []


def _times(registrations: Iterable[Registration], users: Iterable[str], place: int) -> Iterator[tuple[str, Interval]]:
    """The devices, or addresses, of people with the time that they were theirs: from a registration to the next one of
    somebody else. Before the first registration of all it is already the first one's."""
    mine, by_id = set(users), dict[str, list[Registration]]()
    for registration in registrations:
        by_id.setdefault(str(registration[place]), []).append(registration)
    for id_, found in by_id.items():
        found.sort(key=lambda registration: registration[3])
        since: float | None = None
        is_mine = found[0][0] in mine
        for registration in found:
            if is_mine and registration[0] not in mine:
                yield id_, (since, registration[3])
            elif not is_mine and registration[0] in mine:
                since = registration[3]
            is_mine = registration[0] in mine
        if is_mine:
            yield id_, (since, None)


def _texts(lake: Lakehouse, users: Iterable[str]) -> list[str]:
    """Streets, full names and birthdays, in the forms in which they are kept."""
    table = get_table(KAFKA_RECORDS.table)
    lake.ensure(table)
    wanted = ", ".join(user for user in users if user.lstrip("-").isdecimal())
    if not wanted:
        return []
    names = ", ".join(f"event_{name}" for name in _NAMES)
    with lake.query_engine() as engine:
        scan = engine.scan(table)
        rows: list[tuple[Any, ...]] = scan.fetch(
            f"SELECT DISTINCT {names} FROM {scan.all_rows} "
            f"WHERE topic_group = 'user_info' AND event_user_id IN ({wanted})"
        )
    texts = {street for _, _, street in rows if street and len(street) >= _MIN_DIGITS}
    texts |= {f"{first} {last}" for first, last, _ in rows if first and last}
    return sorted(texts)


def _notations(mac: str) -> list[str]:
    """The ways in which an address is written."""
    pairs = mac.split(":")
    if len(pairs) == 1:
        return [mac] if len(mac) >= _MIN_DIGITS else []
    forms = {separator.join(pairs) for separator in (":", "-", "", ".")}
    return sorted({form for each in forms for form in (each, each.upper())})
