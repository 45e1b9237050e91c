"""Which rows are not kept: those of people who are to be forgotten, and in bronze those that are too old.

Of an accepted record its columns tell; of a refused one whatever ids can be found in its text.
"""

import base64
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fitness_assets.contracts.feeds import GYM_LOGINS, KAFKA_RECORDS, REGISTERED_USERS, FileFeed
from fitness_assets.pipeline.state.erasures import Cutoff, Erasures, Interval
from fitness_assets.transforms.mac_addresses import as_normalized_mac

USER, DEVICE, MAC = "user", "device", "mac"
ID_FIELDS = {"user_id": USER, "device_id": DEVICE, "mac_address": MAC}
"""Which fields of records say who or what a record is of."""
_IN_JSON = re.compile(r'\\*"(user_id|device_id|mac_address)\\*"\s*:\s*\\*"?\s*([^",}\\\s]+)', re.IGNORECASE)
_MAC = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}[:.-]?){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f])")
_TEXTS = ("raw", "value", "key", "unknown_fields")
_MICROS, _MILLIS, _MILLIS_FROM = 1e6, 1e3, 1e11
_TIMESTAMP = "timestamp"


def erased_rows(feed: FileFeed, rows: pa.Table, erasures: Erasures) -> pa.Array:
    """For each row of a bronze table whether it is of somebody who is forgotten, or too old."""
    erased = pa.repeat(pa.scalar(False), rows.num_rows)
    for cutoff in erasures.of_table(feed.table).cutoffs:
        if cutoff.column in rows.column_names:  # a contract may have lost the column since
            erased = pc.or_(erased, expired_rows(rows, cutoff))
    if not erasures.erasures or feed.table not in _COLUMNS:
        return erased
    for kind, id_column, time_column in _COLUMNS[feed.table]:
        erased = pc.or_(erased, rows_with_ids(rows, kind, id_column, time_column, erasures))
    refused = pc.indices_nonzero(pc.is_valid(rows["reason"]))
    if len(refused):
        names = [name for name in (*_TEXTS, "raw_encoding", "value_base64", "header") if name in rows.column_names]
        told = [_is_told(row, erasures) for row in rows.select(names).take(refused).to_pylist()]
        places = pc.filter(refused, pa.array(told, pa.bool_())).cast(pa.int64())
        erased = pc.or_(erased, pc.is_in(pa.array(range(rows.num_rows), pa.int64()), places))
    return erased


def person_columns(names: Container[str]) -> tuple[str, str, str | None] | None:
    """By which columns a row of silver or gold is a person's: what the id is of, the id, and the time by which a device
    changes hands. None where it is nobody's."""
    found = next((columns for columns in _PERSON_COLUMNS if columns[1] in names), None)
    if found is None:
        return None
    kind, id_column, time_column = found
    return kind, id_column, time_column if time_column in names else None


def rows_of_people(rows: pa.Table, erasures: Erasures) -> pa.Array:
    """For each row of silver or gold whether it is of somebody who is forgotten."""
    columns = person_columns(rows.column_names)
    return pa.repeat(pa.scalar(False), rows.num_rows) if columns is None else rows_with_ids(rows, *columns, erasures)


def expired_rows(rows: pa.Table, cutoff: Cutoff) -> pa.Array:
    """For each row whether its time lies before a cutoff; where it has none its Kafka timestamp counts."""
    times = _seconds(rows[cutoff.column].combine_chunks())
    if _TIMESTAMP in rows.column_names:
        stamps = rows[_TIMESTAMP].combine_chunks().cast(pa.float64())
        stamps = pc.if_else(pc.greater_equal(stamps, _MILLIS_FROM), pc.divide(stamps, _MILLIS), stamps)
        times = pc.coalesce(times, stamps)
    expired = pc.fill_null(pc.less(times, cutoff.before), False)
    if cutoff.topic is not None:
        expired = pc.and_(expired, pc.fill_null(pc.equal(rows["topic"].combine_chunks(), cutoff.topic), False))
    return expired


def rows_telling(rows: pa.Table, texts: Sequence[str]) -> pa.Array:
    """For each row of a bronze table whether it is refused and one of some texts stands in it."""
    told = pa.repeat(pa.scalar(False), rows.num_rows)
    for name in {"raw", "value"} & set(rows.column_names):
        for text in texts:
            told = pc.or_(told, pc.fill_null(pc.match_substring(rows[name].combine_chunks(), text), False))
    return pc.and_(told, pc.is_valid(rows["reason"].combine_chunks()))


def without_erased(feed: FileFeed, rows: pa.Table, erasures: Erasures) -> tuple[pa.Table, pa.Table]:
    """The rows of people who are not forgotten, and the others."""
    if erasures.is_empty:
        return rows, rows.slice(0, 0)
    erased = erased_rows(feed, rows, erasures)
    return rows.filter(pc.invert(erased)), rows.filter(erased)


_COLUMNS: Mapping[str, Sequence[tuple[str, str, str | None]]] = {
    REGISTERED_USERS.table: ((USER, "user_id", None),),
    GYM_LOGINS.table: ((MAC, "mac_address", "login"),),
    KAFKA_RECORDS.table: ((USER, "event_user_id", None), (DEVICE, "event_device_id", "event_time")),
}
"""Of each bronze table the columns that say of whom a row is: what they hold, and the time by which a device changes
hands."""
_PERSON_COLUMNS = ((USER, "user_id", None), (DEVICE, "device_id", "time"), (MAC, "mac_address", "login"))
"""The same of silver and gold: the first of these that a table has."""


def ids_in(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The ids that can be found in the text of a row, with what each is one of."""
    texts = [str(row[name]) for name in _TEXTS if row.get(name) is not None]
    texts += [_decoded(row[name]) for name in ("value_base64",) if row.get(name) is not None]
    if row.get("raw_encoding"):
        texts.append(_decoded(row["raw"]))
    for text in texts:
        for name, value in _IN_JSON.findall(text):
            yield as_id(ID_FIELDS[name.lower()], value)
        for found in _MAC.findall(text):
            yield as_id(MAC, found)
    if row.get("header") and row.get("raw"):
        fields = dict(zip(_names(row["header"]), str(row["raw"]).split(","), strict=False))
        for name, kind in ID_FIELDS.items():
            if fields.get(name):
                yield as_id(kind, fields[name].strip(' \t"'))


def as_id(kind: str, value: object) -> tuple[str, str]:
    """An id in the one form in which it is compared and hashed."""
    text = str(value).strip()
    if kind == MAC:
        return kind, as_normalized_mac(text)
    return kind, str(int(text)) if text.lstrip("+-").isdecimal() else text


def rows_with_ids(rows: pa.Table, kind: str, id_column: str, time_column: str | None, erasures: Erasures) -> pa.Array:
    """For each row whether a column has an id of somebody who is forgotten, at a time when it was this person's."""
    erased = pa.repeat(pa.scalar(False), rows.num_rows)
    ids = rows[id_column].combine_chunks()
    for value in pc.unique(ids).to_pylist():
        intervals = None if value is None else _intervals(kind, value, erasures)
        if intervals:
            inside = pc.fill_null(pc.equal(ids, pa.scalar(value, ids.type)), False)
            erased = pc.or_(erased, pc.and_(inside, _within(rows, time_column, intervals)))
    return erased


def _intervals(kind: str, value: object, erasures: Erasures) -> Sequence[Interval]:
    hashed = erasures.hash(*as_id(kind, value))
    if kind == USER:
        return [(None, None)] if hashed in erasures.users else []
    return (erasures.devices if kind == DEVICE else erasures.macs).get(hashed, [])


def _within(rows: pa.Table, time_column: str | None, intervals: Sequence[Interval]) -> pa.Array:
    """For which rows the time lies in one of some intervals; one without a time does."""
    within = pa.repeat(pa.scalar(False), rows.num_rows)
    if time_column is None:
        return pa.repeat(pa.scalar(True), rows.num_rows)
    times = _seconds(rows[time_column].combine_chunks())
    for since, until in intervals:
        inside = pa.repeat(pa.scalar(True), rows.num_rows)
        if since is not None:
            inside = pc.and_(inside, pc.fill_null(pc.greater_equal(times, since), True))
        if until is not None:
            inside = pc.and_(inside, pc.fill_null(pc.less(times, until), True))
        within = pc.or_(within, inside)
    return within


def _seconds(times: pa.Array) -> pa.Array:
    """Instants as epoch seconds."""
    if pa.types.is_timestamp(times.type):
        return pc.divide(times.cast(pa.timestamp("us", times.type.tz)).cast(pa.int64()).cast(pa.float64()), _MICROS)
    return times.cast(pa.float64())


def _is_told(row: Mapping[str, Any], erasures: Erasures) -> bool:
    hashes = {USER: erasures.users, DEVICE: erasures.devices, MAC: erasures.macs}
    return any(erasures.hash(kind, value) in hashes[kind] for kind, value in ids_in(row))


def _names(header: str) -> list[str]:
    return [name.strip(' \t"').lower() for name in header.split(",")]


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode("utf-8", errors="replace")
