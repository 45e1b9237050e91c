"""Two weeks of forty people, as tables that end in the middle of a busy evening: made without a JVM."""

import json
import os
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

from fitness_assets.contracts.registry import all_tables
from fitness_assets.dashboard.queries.heart_rate_zones import age_on
from fitness_assets.lakehouse import Version
from fitness_assets.pipeline.quality.checks import run_checks
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.pipeline.strategies import strategies_of
from fitness_assets.sample.history import SampleSize, sample_events
from fitness_assets.sample.people import Event
from fitness_assets_tests.dashboard.table_builder import TableBuilder

NOW = datetime(2025, 8, 4, 18, 50, 20, tzinfo=timezone.utc)
"""A Monday evening; the tables were brought up to date two seconds before."""
Rows = list[dict[str, Any]]
_SESSION_KEY = ("user_id", "workout_id", "session_id")
_SAMPLE_SIZE = SampleSize(users=40, days=15, seed=11, reading_interval=10)
_AGE_BOUNDS = (18, 25, 35, 45, 55, 65, 75, 85, 95)
_REASON_WEIGHTS = {"malformed": 12, "missing_time": 7, "bad_heartrate": 6, "bad_dob": 2, "unknown_topic": 1}


def build_sample(base: Path) -> TableBuilder:
    """All tables, with notes of the updates and of the checks."""
    builder = TableBuilder(base, as_of_override=NOW.date())
    past_events = [event for event in sample_events(_SAMPLE_SIZE) if event[0] < NOW.timestamp() - 2]
    users = [_user_row(line) for line in _texts_of(past_events, "registered_users_bz")]
    visits = _visit_rows(_texts_of(past_events, "gym_logins_bz"))
    workouts = [_workout_row(json.loads(text)) for text in _texts_of(past_events, "workout")]
    sessions = _completed_workout_rows(workouts)
    readings = [_reading_row(json.loads(text)) for text in _texts_of(past_events, "bpm")]
    profiles = _profile_rows([(text, json.loads(text)) for text in _texts_of(past_events, "user_info")])
    bins = [_bin_row(profile) for profile in profiles]
    workout_bpm = list(_workout_bpm_rows(users, sessions, readings))
    rows_by_table: dict[str, Rows] = {
        "bronz_db.date_lookup": [{"date": NOW.date() - timedelta(days=age), "load_time": NOW} for age in range(365)],
        "bronz_db.registered_users_bz": [_registration_row(user) for user in users],
        "bronz_db.gym_logins_bz": [_gym_login_row(visit) for visit in visits],
        "bronz_db.kafka_multiplex_bz": [_kafka_row(event) for event in past_events if _is_in_bronze(event)],
        "silver_db.users": users,
        "silver_db.gym_logs": visits,
        "silver_db.workouts": workouts,
        "silver_db.heart_rate": readings,
        "silver_db.user_profile": profiles,
        "silver_db.quarantine": _quarantine_rows(),
        "silver_db.user_bins": bins,
        "silver_db.completed_workouts": sessions,
        "silver_db.workout_bpm": workout_bpm,
        "gold_db.workout_bpm_summary": _workout_summary_rows(workout_bpm, bins),
        "gold_db.gym_summary": _gym_summary_rows(users, visits, sessions),
    }  # fmt: skip
    for table_name, rows in rows_by_table.items():
        builder.write(table_name, *rows)
        _backdate(builder.path(table_name), NOW - timedelta(seconds=2))
    _write_notes(builder)
    return builder


def _texts_of(past_events: list[Event], source: str) -> Iterator[str]:
    return (text for _, event_source, text in past_events if event_source == source)


def _utc(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, timezone.utc)


def _user_row(line: str) -> dict[str, Any]:
    user_id, device_id, mac_address, registered = line.split(",")
    ids = {"user_id": int(user_id), "device_id": int(device_id), "mac_address": mac_address}
    return ids | {"registration_timestamp": _utc(float(registered))}


def _registration_row(user: dict[str, Any]) -> dict[str, Any]:
    return user | {"registration_timestamp": user["registration_timestamp"].timestamp(), "load_time": NOW}


def _visit_rows(lines: Iterator[str]) -> Rows:
    """The line of a visit comes again once its logout is known."""
    visits: dict[tuple[str, ...], dict[str, Any]] = {}
    for mac_address, gym, login, logout in (line.split(",") for line in lines):
        visit = {"mac_address": mac_address, "gym": int(gym), "login": _utc(float(login))}
        visits[mac_address, gym, login] = visit | {"logout": _utc(float(logout)) if logout else None}
    return list(visits.values())


def _workout_row(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in (*_SESSION_KEY, "action")} | {"time": _utc(event["timestamp"])}


def _reading_row(event: dict[str, Any]) -> dict[str, Any]:
    rate = event["heartrate"]
    return {"device_id": event["device_id"], "time": _utc(event["time"]), "heartrate": rate, "valid": rate > 0}


def _profile_rows(texts_and_events: list[tuple[str, dict[str, Any]]]) -> Rows:
    in_order = sorted(texts_and_events, key=lambda text_and_event: text_and_event[1]["timestamp"])
    latest = {event["user_id"]: (text, event) for text, event in in_order}
    return [
        {
            **{name: event[name] for name in ("user_id", "sex", "gender", "first_name", "last_name", "update_type")},
            **event["address"],
            "dob": datetime.strptime(event["dob"], "%m/%d/%Y").date(),
            "updated": _utc(event["timestamp"]),
            "event": text,
        }
        for text, event in latest.values()
        if event["update_type"] != "delete"
    ]


def _bin_row(profile: dict[str, Any]) -> dict[str, Any]:
    age = age_on(profile["dob"], NOW.date()) or 0
    position = next((index for index, bound in enumerate(_AGE_BOUNDS) if age < bound), len(_AGE_BOUNDS))
    bins = ["under 18", *(f"{low}-{high}" for low, high in pairwise(_AGE_BOUNDS)), "95+"]
    return {name: profile[name] for name in ("user_id", "gender", "city", "state")} | {"age": bins[position]}


def _completed_workout_rows(workouts: Rows) -> Rows:
    stops = {_session_key(row): row["time"] for row in workouts if row["action"] == "stop"}
    return [
        {name: row[name] for name in _SESSION_KEY} | {"start_time": row["time"], "end_time": stops[_session_key(row)]}
        for row in workouts
        if row["action"] == "start" and _session_key(row) in stops
    ]


def _session_key(row: dict[str, Any]) -> tuple[int, int, int]:
    return row["user_id"], row["workout_id"], row["session_id"]


def _workout_bpm_rows(users: Rows, sessions: Rows, readings: Rows) -> Iterator[dict[str, Any]]:
    by_device: dict[int, Rows] = {}
    for reading in readings:
        by_device.setdefault(reading["device_id"], []).append(reading)
    devices = {user["user_id"]: user["device_id"] for user in users}
    for session in sessions:
        for reading in by_device.get(devices[session["user_id"]], []):
            if reading["valid"] and session["start_time"] < reading["time"] <= session["end_time"]:
                yield session | {name: reading[name] for name in ("time", "heartrate", "device_id")}


def _workout_summary_rows(workout_bpm: Rows, bins: Rows) -> Rows:
    bins_by_user = {row["user_id"]: row for row in bins}
    rates_by_session: dict[tuple[int, int, int], list[float]] = {}
    for row in workout_bpm:
        rates_by_session.setdefault(_session_key(row), []).append(row["heartrate"])
    no_bins = dict.fromkeys(("age", "gender", "city", "state"))
    return [
        {
            **(bins_by_user.get(key[0]) or no_bins),
            **dict(zip(_SESSION_KEY, key, strict=True)),
            **{"min_bpm": min(rates), "avg_bpm": round(sum(rates) / len(rates), 2), "max_bpm": max(rates)},
            "num_recordings": len(rates),
        }
        for key, rates in rates_by_session.items()
    ]


def _gym_summary_rows(users: Rows, visits: Rows, sessions: Rows) -> Rows:
    wearers = {user["mac_address"]: user["user_id"] for user in users}
    return [
        {
            **{name: visit[name] for name in ("gym", "mac_address", "login")},
            **{name: session[name] for name in _SESSION_KEY},
            "date": visit["login"].date(),
            "minutes_in_gym": round((visit["logout"] - visit["login"]).total_seconds() / 60, 2),
            "minutes_exercising": round((session["end_time"] - session["start_time"]).total_seconds() / 60, 2),
        }
        for visit in visits
        for session in sessions
        if visit["logout"] and wearers[visit["mac_address"]] == session["user_id"]
        if visit["login"] <= session["start_time"] <= visit["logout"]
    ]


def _is_in_bronze(event: Event) -> bool:
    """Of the heart rates only the last hour: what is older is looked at in silver alone."""
    timestamp, source, _ = event
    return source in ("workout", "user_info") or (source == "bpm" and timestamp > NOW.timestamp() - 3600)


def _kafka_row(event: Event) -> dict[str, Any]:
    timestamp, topic, text = event
    load_time = min(_utc(timestamp + 1.5 + len(text) * 7 % 40 / 10), NOW)
    origin = {"topic": topic, "topic_group": topic, "partition": 0, "offset": 0, "source_file": "part.json"}
    times = {"timestamp": int(timestamp), "date": date.fromtimestamp(timestamp), "load_time": load_time}
    return origin | times | {"value": text}


def _gym_login_row(visit: dict[str, Any]) -> dict[str, Any]:
    last_event = visit["logout"] or visit["login"]
    times = {name: visit[name].timestamp() if visit[name] else None for name in ("login", "logout")}
    load = {"load_time": min(last_event + timedelta(seconds=20), NOW), "source_file": "g.csv"}
    return {name: visit[name] for name in ("mac_address", "gym")} | times | load


def _quarantine_rows() -> Rows:
    generator = random.Random(5)
    reasons = generator.choices(list(_REASON_WEIGHTS), list(_REASON_WEIGHTS.values()), k=160)
    kafka = {"source_table": "bronz_db.kafka_multiplex_bz", "source_file": "part.json"}
    rows = [
        {"reason": reason, "record": '{"device_id": "x", "time": 1754333012.0}', **kafka}
        | {"load_time": NOW - timedelta(hours=generator.expovariate(1 / 90))}
        for reason in reasons
    ]
    visit = {
        "reason": "logout_before_login",
        "record": "4c:c5:9f:cb:13:bd,5,1754333012,1754332000",
        "source_file": "g.csv",
    }
    return [*rows, visit | {"source_table": "bronz_db.gym_logins_bz", "load_time": NOW - timedelta(hours=30)}]


def _backdate(folder: Path, instant: datetime) -> None:
    """As if the table had been written then: the log's own time, and its files'."""
    for file in (folder / "_delta_log").glob("*.json"):
        actions = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for action in actions:
            if "commitInfo" in action:
                action["commitInfo"]["timestamp"] = int(instant.timestamp() * 1000)
        file.write_text("".join(json.dumps(action) + "\n" for action in actions), encoding="utf-8")
        os.utime(file, (instant.timestamp(), instant.timestamp()))


def _write_notes(builder: TableBuilder) -> None:
    """What the pipeline notes after an update: the versions that were used, and the results of the checks."""
    store = ProgressStore.from_settings(builder.settings)
    versions: dict[str, Version] = {}
    for name, table in all_tables().items():
        version = builder.reader.lakehouse.log(table).version()
        assert version is not None
        versions[name] = version
        sources = {source.table: versions[source.table] for source in table.sources}
        store.write(table, Progress(version, sources, as_of=NOW.date().isoformat(), code_version=table.code_version))
    for table in all_tables().values():
        if strategies_of(table)[0].is_keyed:
            run_checks(builder.reader.lakehouse, table)
    for record in builder.settings.checkpoint_zone.rglob("checks.json"):
        fields = json.loads(record.read_text(encoding="utf-8"))
        fields["checked_at"] = (NOW - timedelta(seconds=1)).isoformat()
        record.write_text(json.dumps(fields), encoding="utf-8")
