"""Landed records, in the forms of the contract."""

import json
from typing import Any

REGISTERED = "user_id,device_id,mac_address,registration_timestamp"
LOGINS = "mac_address,gym,login,logout"
NOON = 1_772_280_000
"""2026-02-28T12:00:00Z."""


def record(topic: str, **event: Any) -> str:
    time = int(event.get("timestamp", event.get("time", NOON)))
    return json.dumps(
        {"key": "1", "value": json.dumps(event), "topic": topic, "partition": 0, "offset": 0, "timestamp": time}
    )


def profile(user_id: int, time: float, update_type: str = "update", **more: Any) -> str:
    return record("user_info", user_id=user_id, update_type=update_type, timestamp=time, **more)


def action(user_id: int, session_id: int, time: float, what: str) -> str:
    return record("workout", user_id=user_id, workout_id=1, session_id=session_id, timestamp=time, action=what)


def reading(device_id: int, time: float, heartrate: float) -> str:
    return record("bpm", device_id=device_id, time=time, heartrate=heartrate)
