"""The tables of the contract computed independently: Python reads every raw record, DuckDB computes all at once.

It shares no code with the product, knows no increments and no order: it is the contract, sections 2 to 5, read anew.
"""

import csv
import json
import math
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

TABLES = {
    "silver_db.users": "user_id, device_id, mac_address, registration_timestamp",
    "silver_db.gym_logs": "mac_address, gym, login, logout",
    "silver_db.user_profile": "user_id, dob, sex, gender, first_name, last_name, street_address, city, state, zip, "
    "updated",
    "silver_db.workouts": "user_id, workout_id, time, action, session_id",
    "silver_db.heart_rate": "device_id, time, heartrate, valid",
    "silver_db.user_bins": "user_id, age, gender, city, state",
    "silver_db.completed_workouts": "user_id, workout_id, session_id, start_time, end_time",
    "silver_db.workout_bpm": "user_id, workout_id, session_id, start_time, end_time, time, heartrate",
    "gold_db.workout_bpm_summary": "workout_id, session_id, user_id, age, gender, city, state, "
    "min_bpm, avg_bpm, max_bpm, num_recordings",
    "gold_db.gym_summary": "date, gym, mac_address, workout_id, session_id, minutes_in_gym, minutes_exercising, "
    "user_id, login",
}

_SQL = """
create view users as select user_id, device_id, mac_address, make_timestamp(t) registration_timestamp from registered
  qualify row_number() over (partition by user_id order by t, device_id, mac_address) = 1;
create view gym_logs as select mac_address, gym, make_timestamp(login) as login, make_timestamp(max(logout)) as logout
  from logins group by all;
create view user_profile as select user_id, dob, sex, gender, first_name, last_name, street_address, city, state, zip,
    make_timestamp(t) updated
  from (select * from profiles qualify row_number() over (partition by user_id order by t desc, encode(raw) desc) = 1)
  where update_type <> 'delete';
create view workouts as select distinct user_id, workout_id, make_timestamp(t) as time, action, session_id from actions;
create view heart_rate as
  select device_id, make_timestamp(t) as time, max(heartrate) as heartrate, max(heartrate) > 0 as valid
  from readings group by device_id, t;
create view aged as select p.*, case when dob is null or dob > as_of then -1 else year(as_of) - year(dob)
    - (case when (month(as_of), day(as_of)) < (month(dob), day(dob)) then 1 else 0 end) end as years
  from user_profile p, today;
create view user_bins as select user_id, case when years < 0 then 'invalid age' when years < 18 then 'under 18'
    when years < 25 then '18-25' when years >= 95 then '95+'
    else format('{}-{}', (years - 25) // 10 * 10 + 25, (years - 25) // 10 * 10 + 35) end age, gender, city, state
  from users join aged using (user_id);
create view completed_workouts as
  select a.user_id, a.workout_id, a.session_id, a.time start_time, b.time end_time
  from workouts a join workouts b using (user_id, workout_id, session_id)
  where a.action = 'start' and b.action = 'stop' and b.time > a.time and b.time - a.time < interval 3 hours
  qualify row_number() over (partition by user_id, workout_id, session_id order by a.time, b.time) = 1;
create view workout_bpm as select c.user_id, workout_id, session_id, start_time, end_time, h.time, heartrate
  from completed_workouts c join users u using (user_id) join heart_rate h on h.device_id = u.device_id
    and h.valid and h.time > start_time and h.time <= end_time;
create view workout_bpm_summary as select workout_id, session_id, w.user_id, age, gender, city, state,
    min(heartrate) min_bpm, avg(heartrate) avg_bpm, max(heartrate) max_bpm, count(*) num_recordings
  from workout_bpm w left join user_bins b on b.user_id = w.user_id group by all;
create view gym_summary as select cast(login as date) as date, gym, g.mac_address, workout_id, session_id,
    cast(round(cast(epoch_us(logout) - epoch_us(login) as decimal(30, 6)) / 60000000, 2) as double) minutes_in_gym,
    cast(round(cast(epoch_us(end_time) - epoch_us(start_time) as decimal(30, 6)) / 60000000, 2) as double)
      minutes_exercising,
    u.user_id, login
  from gym_logs g join users u on u.mac_address = g.mac_address join completed_workouts c on c.user_id = u.user_id
    and start_time between login and logout;
"""


class Rejected(Exception):
    """A record that section 5 refuses."""


class Reference:
    """All tables for what lies in a landing zone, as of a day."""

    def __init__(self, landing_zone: Path, as_of: date) -> None:
        self.landed = {"registered_users_bz": 0, "gym_logins_bz": 0, "kafka_multiplex_bz": 0}
        self.rejected = dict(self.landed)
        self.rows: dict[str, list[tuple[Any, ...]]] = {
            name: [] for name in ("registered", "logins", "profiles", "actions", "readings")
        }
        for folder in ("registered_users_bz", "gym_logins_bz"):
            for file in _files(landing_zone / folder, ".csv"):
                self._read_csv(folder, file)
        for file in _files(landing_zone / "kafka_multiplex_bz", ".json"):
            for line in file.read_text(encoding="utf-8").split("\n"):
                if line.strip():
                    self._take("kafka_multiplex_bz", lambda line=line: self._kafka(line))
        self.db = duckdb.connect()
        self.db.execute("set timezone = 'UTC'")
        self.db.execute("create table today as select cast(? as date) as_of", [as_of])
        self._load("registered", "user_id bigint, device_id bigint, mac_address varchar, t bigint")
        self._load("logins", "mac_address varchar, gym bigint, login bigint, logout bigint")
        self._load(
            "profiles",
            "user_id bigint, update_type varchar, t bigint, dob date, sex varchar, gender varchar, first_name varchar, "
            "last_name varchar, street_address varchar, city varchar, state varchar, zip integer, raw varchar",
        )
        self._load("actions", "user_id bigint, workout_id integer, session_id integer, t bigint, action varchar")
        self._load("readings", "device_id bigint, t bigint, heartrate double")
        self.db.execute(_SQL)

    def table(self, name: str) -> list[tuple[Any, ...]]:
        """The rows of one table, sorted."""
        rows = self.db.execute(f"select {TABLES[name]} from {name.split('.')[1]}").fetchall()
        return sorted(rows, key=repr)

    def _load(self, name: str, columns: str) -> None:
        self.db.execute(f"create table {name} ({columns})")
        if self.rows[name]:
            marks = ", ".join("?" for _ in self.rows[name][0])
            self.db.executemany(f"insert into {name} values ({marks})", self.rows[name])

    def _take(self, source: str, read: Any) -> None:
        self.landed[source] += 1
        try:
            read()
        except Rejected:
            self.rejected[source] += 1

    def _read_csv(self, folder: str, file: Path) -> None:
        lines = file.read_text(encoding="utf-8").split("\n")
        header = {"registered_users_bz": "user_id,device_id,mac_address,registration_timestamp"}
        if lines[0].strip() != header.get(folder, "mac_address,gym,login,logout"):
            self.landed[folder] += 1
            self.rejected[folder] += 1
            return
        for line in lines[1:]:
            if line.strip():
                take = self._registration if folder == "registered_users_bz" else self._login
                self._take(folder, lambda line=line, take=take: take(next(csv.reader([line]))))

    def _registration(self, row: list[str]) -> None:
        if len(row) != 4 or not row[2]:
            raise Rejected
        self.rows["registered"].append((_int(row[0]), _int(row[1]), row[2], _micros(_float(row[3]))))

    def _login(self, row: list[str]) -> None:
        if len(row) != 4 or not row[0]:
            raise Rejected
        login, logout = _float(row[2]), _float(row[3]) if row[3] else None
        if logout is not None and logout < login:
            raise Rejected
        self.rows["logins"].append((row[0], _int(row[1]), _micros(login), None if logout is None else _micros(logout)))

    def _kafka(self, line: str) -> None:
        record = _object(line)
        topic, value = record.get("topic"), record.get("value")
        if topic not in ("user_info", "workout", "bpm") or not isinstance(value, str):
            raise Rejected
        event = _object(value)
        if topic == "bpm":
            self.rows["readings"].append(
                (_whole(event, "device_id"), _time(event, "time"), _number(event, "heartrate"))
            )
        elif topic == "workout":
            if event.get("action") not in ("start", "stop"):
                raise Rejected
            ids = [_whole(event, name) for name in ("user_id", "workout_id", "session_id")]
            self.rows["actions"].append((*ids, _time(event, "timestamp"), event["action"]))
        else:
            self._profile(event, value)

    def _profile(self, event: dict[str, Any], raw: str) -> None:
        if event.get("update_type") not in ("new", "update", "delete"):
            raise Rejected
        dob = None
        if event.get("dob") is not None:
            if not re.fullmatch(r"\d\d/\d\d/\d{4}", str(event["dob"])):
                raise Rejected
            try:
                dob = datetime.strptime(event["dob"], "%m/%d/%Y").date()
            except ValueError:
                raise Rejected from None
        address = event.get("address") or {}
        names = [event.get(name) for name in ("sex", "gender", "first_name", "last_name")]
        place = [address.get(name) for name in ("street_address", "city", "state", "zip")]
        self.rows["profiles"].append(
            (_whole(event, "user_id"), event["update_type"], _time(event, "timestamp"), dob, *names, *place, raw)
        )


def _files(folder: Path, ending: str) -> list[Path]:
    found = folder.glob(f"*{ending}") if folder.is_dir() else []
    return [file for file in found if not file.name.startswith(("_", "."))]


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        raise Rejected from None
    if not isinstance(found, dict):
        raise Rejected
    return found


def _int(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text):
        raise Rejected
    return int(text)


def _float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise Rejected from None
    if not math.isfinite(number):
        raise Rejected
    return number


def _whole(event: dict[str, Any], name: str) -> int:
    value = event.get(name)
    if type(value) is not int:
        raise Rejected
    return value


def _number(event: dict[str, Any], name: str) -> float:
    value = event.get(name)
    if type(value) not in (int, float) or not math.isfinite(value):
        raise Rejected
    return float(value)


def _time(event: dict[str, Any], name: str) -> int:
    return _micros(_number(event, name))


def _micros(seconds: float) -> int:
    return math.floor(seconds * 1e6 + 0.5)
