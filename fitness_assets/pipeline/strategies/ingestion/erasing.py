"""Who is forgotten, as bronze asks it: a device that another person registered since is no longer of the one before."""

from dataclasses import replace

import pyarrow as pa

from fitness_assets.contracts.feeds import REGISTERED_USERS
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.state.erased_rows import DEVICE, MAC, USER, as_id
from fitness_assets.pipeline.state.erasures import Belonging, Erasures, read_erasures
from fitness_assets.storage import StorageReader

_SCHEMA = pa.schema([("hash", pa.string()), ("time", pa.float64())])


def erasures_now(lake: Lakehouse, storage: StorageReader, table_name: str) -> Erasures:
    """All who are forgotten, the time of each device ended where somebody else registered it since, and what of a
    table is too old."""
    erasures = read_erasures(storage).of_table(table_name)
    is_open = {
        belonging.hash
        for erasure in erasures.erasures
        for belonging in (*erasure.devices, *erasure.macs)
        if belonging.until is None
    }
    if not is_open:
        return erasures
    times = _registered_since(lake, erasures, is_open)

    def ended(belonging: Belonging) -> Belonging:
        later = [time for time in times.get(belonging.hash, ()) if belonging.since is None or time > belonging.since]
        return replace(belonging, until=min(later)) if belonging.until is None and later else belonging

    return replace(
        erasures,
        erasures=tuple(
            replace(one, devices=tuple(map(ended, one.devices)), macs=tuple(map(ended, one.macs)))
            for one in erasures.erasures
        ),
    )


def _registered_since(lake: Lakehouse, erasures: Erasures, wanted: set[str]) -> dict[str, list[float]]:
    """When others registered these devices, by hash."""
    table = get_table(REGISTERED_USERS.table)
    version = lake.ensure(table).version()

    def found() -> pa.Table:
        with lake.query_engine() as engine:
            scan = engine.scan(table)
            rows = scan.fetch(
                f"SELECT user_id, device_id, mac_address, registration_timestamp FROM {scan.all_rows} "
                f"WHERE reason IS NULL"
            )
        hashes = [
            (hashed, float(time))
            for user, device, mac, time in rows
            if erasures.hash(*as_id(USER, user)) not in erasures.users
            for hashed in (erasures.hash(*as_id(DEVICE, device)), erasures.hash(*as_id(MAC, mac)))
            if hashed in wanted
        ]
        columns = list(zip(*hashes, strict=True)) or [(), ()]
        return pa.table([pa.array(column, one.type) for column, one in zip(columns, _SCHEMA, strict=True)], _SCHEMA)

    times: dict[str, list[float]] = {}
    for row in lake.cached(("registered since", version, erasures.fingerprint), found).to_pylist():
        times.setdefault(row["hash"], []).append(row["time"])
    return times
