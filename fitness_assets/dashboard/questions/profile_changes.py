"""How a person's profile changed, from the events as they landed: silver keeps the latest alone."""

import json
import math
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pyarrow as pa

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.dashboard.lake import View
from fitness_assets.dashboard.questions.masks import HIDDEN, masked
from fitness_assets.lakehouse.predicates import OneOf

_FIELDS = tuple(field for field in TOPICS["user_info"] if field.name not in ("user_id", "update_type", "timestamp"))
_NAMES = ("first_name", "last_name")
_OPEN = ("gender", "city", "state")
"""What may be seen of everybody; the other fields are masked."""
_SCHEMA = pa.schema(
    [
        ("time", pa.timestamp("us", "UTC")),
        *[(name, pa.string()) for name in ("kind", "what", "before", "after")],
    ]
)


def profile_changes(view: View, user_id: int, unmasked: bool) -> pa.Table:
    """The profile's events of one person, the latest first: `time, kind, what, before, after`."""
    rows = view.rows("bronz_db.kafka_multiplex_bz", "value", topic_group=OneOf(("user_info",)))
    found = view.ask(f"SELECT DISTINCT value FROM {rows} WHERE contains(value, '{user_id}')")["value"].to_pylist()
    events = sorted(
        ((at, text, event) for text in found for at, event in [_event(text, user_id)] if event), key=lambda one: one[:2]
    )
    changes, known = [], dict.fromkeys([field.name for field in _FIELDS])
    for at, _, event in events:
        kind = event["update_type"]
        fields = dict.fromkeys(known) if kind == "delete" else _values(event)
        other = [name for name, value in fields.items() if value != known[name]]
        changes.append(
            {
                "time": at,
                "kind": kind,
                "what": ", ".join(other),
                "before": _said(known, other, unmasked),
                "after": _said(fields, other, unmasked),
            }
        )
        known = fields
    return pa.Table.from_pylist(changes[::-1], _SCHEMA)


def _event(text: str, user_id: int) -> tuple[datetime | None, dict[str, Any] | None]:
    """When an accepted event of the person happened, and the event; nothing for another."""
    try:
        event = json.loads(text)
    except ValueError:
        return None, None
    if not isinstance(event, dict) or event.get("user_id") != user_id or isinstance(event["user_id"], (bool, float)):
        return None, None
    at = event.get("timestamp")
    known = event.get("update_type") in ("new", "update", "delete")
    if not known or isinstance(at, bool) or not isinstance(at, (int, float)) or not math.isfinite(at):
        return None, None
    if not _is_day(event.get("dob")):
        return None, None
    try:
        return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=round(at * 1_000_000)), event
    except OverflowError:
        return None, None


def _is_day(text: Any) -> bool:
    if text is None:
        return True
    if not isinstance(text, str) or not re.fullmatch("[0-9]{2}/[0-9]{2}/[0-9]{4}", text):
        return False
    try:
        datetime.strptime(text, "%m/%d/%Y")
    except ValueError:
        return False
    return True


def _values(event: dict[str, Any]) -> dict[str, str | None]:
    inside = event.get("address")
    places = {None: event, "address": inside if isinstance(inside, dict) else {}}
    found = {field.name: places[field.parent].get(field.name) for field in _FIELDS}
    return {name: None if value is None else str(value) for name, value in found.items()}


def _said(values: dict[str, str | None], names: list[str], unmasked: bool) -> str:
    return ", ".join(_shown(name, values[name], unmasked) for name in names)


def _shown(name: str, value: str | None, unmasked: bool) -> str:
    if value is None:
        return "–"
    if unmasked or name in _OPEN:
        return value
    return masked(value, unmasked) or "–" if name in _NAMES else HIDDEN
