"""How a person's profile changed, from the events as they landed: silver keeps the latest alone."""

import json
import math
import re
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

import pyarrow as pa

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.dashboard.queries.masking import MASK, mask_name
from fitness_assets.dashboard.table_reader.predicates import equal_to
from fitness_assets.dashboard.table_reader.transaction import ReadTransaction

_FIELDS = tuple(field for field in TOPICS["user_info"] if field.name not in ("user_id", "update_type", "timestamp"))
_UPDATE_TYPES = ("new", "update", "delete")
_NAME_FIELDS = ("first_name", "last_name")
_PUBLIC_FIELDS = ("gender", "city", "state")
"""What may be seen of everybody; the other fields are masked."""
_SCHEMA = pa.schema(
    [
        ("time", pa.timestamp("us", "UTC")),
        *[(name, pa.string()) for name in ("update_type", "fields", "before", "after")],
    ]
)
_MISSING = "–"


class _ProfileEvent(NamedTuple):
    """An accepted event of the profile. Events sort by time, and those of one instant by their text."""

    time: datetime
    text: str
    fields: dict[str, Any]


def fetch_profile_history(transaction: ReadTransaction, user_id: int, unmasked: bool) -> pa.Table:
    """The profile's events of one person, the latest first: `time, update_type, fields, before, after`."""
    rows = transaction.scan("bronz_db.kafka_multiplex_bz", "value", topic_group=equal_to("user_info"))
    texts = transaction.fetch_table(f"SELECT DISTINCT value FROM {rows} WHERE contains(value, '{user_id}')")
    parsed = [_parse_event(text, user_id) for text in texts["value"].to_pylist()]
    events = sorted([event for event in parsed if event], key=lambda event: (event.time, event.text))
    changes = []
    before: dict[str, str | None] = dict.fromkeys([field.name for field in _FIELDS])
    for event in events:
        update_type = event.fields["update_type"]
        after = dict.fromkeys(before) if update_type == "delete" else _field_values(event.fields)
        changed = [name for name, value in after.items() if value != before[name]]
        changes.append(
            {
                "time": event.time,
                "update_type": update_type,
                "fields": ", ".join(changed),
                "before": ", ".join(_display_value(name, before[name], unmasked) for name in changed),
                "after": ", ".join(_display_value(name, after[name], unmasked) for name in changed),
            }
        )
        before = after
    return pa.Table.from_pylist(changes[::-1], _SCHEMA)


def _parse_event(text: str, user_id: int) -> _ProfileEvent | None:
    """An accepted event of the person; None of another."""
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    if not isinstance(fields, dict) or fields.get("user_id") != user_id or isinstance(fields["user_id"], (bool, float)):
        return None
    timestamp = fields.get("timestamp")
    if isinstance(timestamp, bool) or not isinstance(timestamp, (int, float)) or not math.isfinite(timestamp):
        return None
    if fields.get("update_type") not in _UPDATE_TYPES or not _is_date_or_missing(fields.get("dob")):
        return None
    try:
        time = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=round(timestamp * 1_000_000))
    except OverflowError:
        return None
    return _ProfileEvent(time, text, fields)


def _is_date_or_missing(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, str) or not re.fullmatch("[0-9]{2}/[0-9]{2}/[0-9]{4}", value):
        return False
    try:
        datetime.strptime(value, "%m/%d/%Y")
    except ValueError:
        return False
    return True


def _field_values(event: dict[str, Any]) -> dict[str, str | None]:
    address = event.get("address")
    objects = {None: event, "address": address if isinstance(address, dict) else {}}
    values = {field.name: objects[field.parent].get(field.name) for field in _FIELDS}
    return {name: None if value is None else str(value) for name, value in values.items()}


def _display_value(field_name: str, value: str | None, unmasked: bool) -> str:
    if value is None:
        return _MISSING
    if unmasked or field_name in _PUBLIC_FIELDS:
        return value
    return mask_name(value, unmasked) or _MISSING if field_name in _NAME_FIELDS else MASK
