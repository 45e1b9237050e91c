"""Two weeks of forty people, as tables that end in the middle of a busy evening: made without a JVM."""

import json
import os
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

from fitness_assets.contracts.model import UpdateStrategy
from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.questions.heart import age_on
from fitness_assets.lakehouse.table_log import TableLog
from fitness_assets.lakehouse.transaction_log import Version
from fitness_assets.pipeline.quality.checks import run_checks
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.sample.landing import SampleSize, events
from fitness_assets.sample.people import Event
from fitness_assets_tests.dashboard.questions.zone import Zone

NOW = datetime(2025, 8, 4, 18, 50, 20, tzinfo=timezone.utc)
"""A Monday evening; the tables were brought up to date two seconds before."""
Rows = list[dict[str, Any]]
_SIZE = SampleSize(users=40, days=15, seed=11, every=10)
_BORDERS = (18, 25, 35, 45, 55, 65, 75, 85, 95)
_REASONS = {"malformed": 12, "missing_time": 7, "bad_heartrate": 6, "bad_dob": 2, "unknown_topic": 1}


def lived_in(base: Path) -> Zone:
    """All tables, with notes of the updates and of the checks."""
    zone = Zone(base, as_of_override=NOW.date())
    happened = [event for event in events(_SIZE) if event[0] < NOW.timestamp() - 2]
    users = [_user(line) for line in _of(happened, "registered_users_bz")]
    visits = _visits(_of(happened, "gym_logins_bz"))
    workouts = [_workout(json.loads(text)) for text in _of(happened, "workout")]
    finished = _finished(workouts)
    readings = [_reading(json.loads(text)) for text in _of(happened, "bpm")]
    profiles = _profiles([(text, json.loads(text)) for text in _of(happened, "user_info")])
    bins = [_bin(profile) for profile in profiles]
    during = list(_during(users, finished, readings))
    contents: dict[str, Rows] = {
        "bronz_db.date_lookup": [{"date": NOW.date() - timedelta(days=ago), "load_time": NOW} for ago in range(365)],
        "bronz_db.registered_users_bz": [_registration(user) for user in users],
        "bronz_db.gym_logins_bz": [_login(visit) for visit in visits],
        "bronz_db.kafka_multiplex_bz": [_record(event) for event in happened if _is_kept(event)],
        "silver_db.users": users,
        "silver_db.gym_logs": visits,
        "silver_db.workouts": workouts,
        "silver_db.heart_rate": readings,
        "silver_db.user_profile": profiles,
        "silver_db.quarantine": _refused(),
        "silver_db.user_bins": bins,
        "silver_db.completed_workouts": finished,
        "silver_db.workout_bpm": during,
        "gold_db.workout_bpm_summary": _summary(during, bins),
        "gold_db.gym_summary": _gym_summary(users, visits, finished),
    }  # fmt: skip
    for name, rows in contents.items():
        zone.put(name, *rows)
        _backdate(Path(zone.path(name)), NOW - timedelta(seconds=2))
    _note(zone)
    return zone


def _of(happened: list[Event], kind: str) -> Iterator[str]:
    return (text for _, one, text in happened if one == kind)


def _utc(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, timezone.utc)


def _user(line: str) -> dict[str, Any]:
    user_id, device_id, mac_address, registered = line.split(",")
    ids = {"user_id": int(user_id), "device_id": int(device_id), "mac_address": mac_address}
    return ids | {"registration_timestamp": _utc(float(registered))}


def _registration(user: dict[str, Any]) -> dict[str, Any]:
    return user | {"registration_timestamp": user["registration_timestamp"].timestamp(), "load_time": NOW}


def _visits(lines: Iterator[str]) -> Rows:
    """The line of a visit comes again once its logout is known."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for mac_address, gym, login, logout in (line.split(",") for line in lines):
        visit = {"mac_address": mac_address, "gym": int(gym), "login": _utc(float(login))}
        found[mac_address, gym, login] = visit | {"logout": _utc(float(logout)) if logout else None}
    return list(found.values())


def _workout(event: dict[str, Any]) -> dict[str, Any]:
    names = ("user_id", "workout_id", "session_id", "action")
    return {name: event[name] for name in names} | {"time": _utc(event["timestamp"])}


def _reading(event: dict[str, Any]) -> dict[str, Any]:
    rate = event["heartrate"]
    return {"device_id": event["device_id"], "time": _utc(event["time"]), "heartrate": rate, "valid": rate > 0}


def _profiles(sent: list[tuple[str, dict[str, Any]]]) -> Rows:
    last = {event["user_id"]: (text, event) for text, event in sorted(sent, key=lambda one: one[1]["timestamp"])}
    return [
        {
            **{name: event[name] for name in ("user_id", "sex", "gender", "first_name", "last_name", "update_type")},
            **event["address"],
            "dob": datetime.strptime(event["dob"], "%m/%d/%Y").date(),
            "updated": _utc(event["timestamp"]),
            "event": text,
        }
        for text, event in last.values()
        if event["update_type"] != "delete"
    ]


def _bin(profile: dict[str, Any]) -> dict[str, Any]:
    age = age_on(profile["dob"], NOW.date()) or 0
    above = next((place for place, border in enumerate(_BORDERS) if age < border), len(_BORDERS))
    named = ["under 18", *(f"{low}-{high}" for low, high in pairwise(_BORDERS)), "95+"]
    return {name: profile[name] for name in ("user_id", "gender", "city", "state")} | {"age": named[above]}


def _finished(workouts: Rows) -> Rows:
    def session(row: dict[str, Any]) -> tuple[int, int, int]:
        return row["user_id"], row["workout_id"], row["session_id"]

    stops = {session(row): row["time"] for row in workouts if row["action"] == "stop"}
    names = ("user_id", "workout_id", "session_id")
    return [
        dict(zip(names, session(row), strict=True)) | {"start_time": row["time"], "end_time": stops[session(row)]}
        for row in workouts
        if row["action"] == "start" and session(row) in stops
    ]


def _during(users: Rows, finished: Rows, readings: Rows) -> Iterator[dict[str, Any]]:
    by_device: dict[int, Rows] = {}
    for reading in readings:
        by_device.setdefault(reading["device_id"], []).append(reading)
    devices = {user["user_id"]: user["device_id"] for user in users}
    for one in finished:
        for reading in by_device.get(devices[one["user_id"]], []):
            if reading["valid"] and one["start_time"] < reading["time"] <= one["end_time"]:
                yield one | {name: reading[name] for name in ("time", "heartrate", "device_id")}


def _summary(during: Rows, bins: Rows) -> Rows:
    people = {row["user_id"]: row for row in bins}
    rates: dict[tuple[int, int, int], list[float]] = {}
    for row in during:
        rates.setdefault((row["user_id"], row["workout_id"], row["session_id"]), []).append(row["heartrate"])
    none = dict.fromkeys(("age", "gender", "city", "state"))
    return [
        {
            **(people.get(user_id) or none),
            **{"user_id": user_id, "workout_id": workout_id, "session_id": session_id},
            **{"min_bpm": min(found), "avg_bpm": round(sum(found) / len(found), 2), "max_bpm": max(found)},
            "num_recordings": len(found),
        }
        for (user_id, workout_id, session_id), found in rates.items()
    ]


def _gym_summary(users: Rows, visits: Rows, finished: Rows) -> Rows:
    wearers = {user["mac_address"]: user["user_id"] for user in users}
    return [
        {
            **{name: visit[name] for name in ("gym", "mac_address", "login")},
            **{name: one[name] for name in ("user_id", "workout_id", "session_id")},
            "date": visit["login"].date(),
            "minutes_in_gym": round((visit["logout"] - visit["login"]).total_seconds() / 60, 2),
            "minutes_exercising": round((one["end_time"] - one["start_time"]).total_seconds() / 60, 2),
        }
        for visit in visits
        for one in finished
        if visit["logout"] and wearers[visit["mac_address"]] == one["user_id"]
        if visit["login"] <= one["start_time"] <= visit["logout"]
    ]


def _is_kept(event: Event) -> bool:
    """Of the heart rates only the last hour: what is older is looked at in silver alone."""
    at, kind, _ = event
    return kind in ("workout", "user_info") or (kind == "bpm" and at > NOW.timestamp() - 3600)


def _record(event: Event) -> dict[str, Any]:
    at, topic, text = event
    loaded = _utc(at + 1.5 + len(text) * 7 % 40 / 10)
    where = {"topic": topic, "topic_group": topic, "partition": 0, "offset": 0, "date": date.fromtimestamp(at)}
    return where | {"value": text, "timestamp": int(at), "load_time": min(loaded, NOW), "source_file": "part.json"}


def _login(visit: dict[str, Any]) -> dict[str, Any]:
    at = visit["logout"] or visit["login"]
    times = {name: visit[name].timestamp() if visit[name] else None for name in ("login", "logout")}
    loaded = min(at + timedelta(seconds=20), NOW)
    return (
        {name: visit[name] for name in ("mac_address", "gym")} | times | {"load_time": loaded, "source_file": "g.csv"}
    )


def _refused() -> Rows:
    random_ = random.Random(5)
    reasons = random_.choices(list(_REASONS), list(_REASONS.values()), k=160)
    topics = {"source_table": "bronz_db.kafka_multiplex_bz", "source_file": "part.json"}
    rows = [
        {"reason": reason, "record": '{"device_id": "x", "time": 1754333012.0}', **topics}
        | {"load_time": NOW - timedelta(hours=random_.expovariate(1 / 90))}
        for reason in reasons
    ]
    visit = {
        "reason": "logout_before_login",
        "record": "4c:c5:9f:cb:13:bd,5,1754333012,1754332000",
        "source_file": "g.csv",
    }
    return [*rows, visit | {"source_table": "bronz_db.gym_logins_bz", "load_time": NOW - timedelta(hours=30)}]


def _backdate(folder: Path, at: datetime) -> None:
    """As if the table had been written then: the log's own time, and its files'."""
    for file in (folder / "_delta_log").glob("*.json"):
        actions = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for action in actions:
            if "commitInfo" in action:
                action["commitInfo"]["timestamp"] = int(at.timestamp() * 1000)
        file.write_text("".join(json.dumps(action) + "\n" for action in actions), encoding="utf-8")
        os.utime(file, (at.timestamp(), at.timestamp()))


def _note(zone: Zone) -> None:
    """What the pipeline notes after an update: the versions that were used, and what the checks found."""
    store = ProgressStore(zone.settings)
    versions: dict[str, Version] = {}
    for name, table in all_tables().items():
        version = TableLog(Path(zone.path(name))).version()
        assert version is not None
        versions[name] = version
        sources = {source.table: versions[source.table] for source in table.sources}
        store.write(table, Progress(version, sources, as_of=NOW.date().isoformat(), code_version=table.code_version))
    for table in all_tables().values():
        if table.strategy in (UpdateStrategy.UPSERT, UpdateStrategy.INCREMENTAL):
            run_checks(zone.lake.house, table)
            file = store.folder(table) / "checked.json"
            if file.exists():
                os.utime(file, (NOW.timestamp() - 1, NOW.timestamp() - 1))
