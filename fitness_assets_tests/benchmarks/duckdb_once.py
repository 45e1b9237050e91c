"""Every table computed once by DuckDB and written as Parquet: what the same work costs without increments, history,
judging of odd records or a transaction log.

    .venv/bin/python -m fitness_assets_tests.benchmarks.duckdb_once LANDING_ZONE TARGET
"""

import sys
from pathlib import Path

import duckdb

_TABLES = {
    "registered_users_bz": "SELECT * FROM read_csv('{zone}/registered_users_bz/*.csv')",
    "gym_logins_bz": """
        SELECT * FROM read_csv('{zone}/gym_logins_bz/*.csv', types = {{login: 'DOUBLE', logout: 'DOUBLE'}})""",
    "kafka_multiplex_bz": """
        SELECT key, value, topic, partition, "offset", timestamp, to_timestamp(timestamp)::DATE AS date
        FROM read_json('{zone}/kafka_multiplex_bz/*.json', format = 'nd', columns = {{key: 'VARCHAR', value: 'VARCHAR',
            topic: 'VARCHAR', partition: 'BIGINT', "offset": 'BIGINT', timestamp: 'BIGINT'}})""",
    "users": """
        SELECT user_id, device_id, mac_address, make_timestamp((registration_timestamp * 1e6)::BIGINT) AS registered
        FROM '{target}/registered_users_bz.parquet'
        QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY registration_timestamp, device_id, mac_address) = 1""",
    "gym_logs": """
        SELECT mac_address, gym, make_timestamp((login * 1e6)::BIGINT) AS login,
            make_timestamp((max(logout) * 1e6)::BIGINT) AS logout
        FROM '{target}/gym_logins_bz.parquet' GROUP BY ALL""",
    "user_profile": """
        SELECT e.user_id, e.dob, e.gender, e.address.city AS city, e.address.state AS state
        FROM (SELECT value, from_json(value, '{{"user_id": "BIGINT", "update_type": "VARCHAR", "timestamp": "DOUBLE",
                "dob": "VARCHAR", "gender": "VARCHAR", "address": {{"city": "VARCHAR", "state": "VARCHAR"}}}}') AS e
              FROM '{target}/kafka_multiplex_bz.parquet' WHERE topic = 'user_info')
        QUALIFY row_number() OVER (PARTITION BY e.user_id ORDER BY e.timestamp DESC, value DESC) = 1""",
    "workouts": """
        SELECT DISTINCT e.user_id, e.workout_id, e.session_id, e.action, make_timestamp((e.timestamp * 1e6)::BIGINT)
            AS time
        FROM (SELECT from_json(value, '{{"user_id": "BIGINT", "workout_id": "INTEGER", "session_id": "INTEGER",
                "action": "VARCHAR", "timestamp": "DOUBLE"}}') AS e
              FROM '{target}/kafka_multiplex_bz.parquet' WHERE topic = 'workout')""",
    "heart_rate": """
        SELECT e.device_id, make_timestamp((e.time * 1e6)::BIGINT) AS time, max(e.heartrate) AS heartrate,
            max(e.heartrate) > 0 AS valid
        FROM (SELECT from_json(value, '{{"device_id": "BIGINT", "time": "DOUBLE", "heartrate": "DOUBLE"}}') AS e
              FROM '{target}/kafka_multiplex_bz.parquet' WHERE topic = 'bpm')
        GROUP BY ALL ORDER BY time""",
    "user_bins": """
        SELECT user_id, date_diff('year', strptime(dob, '%m/%d/%Y'), DATE '2026-01-31') // 10 AS age, gender, city,
            state
        FROM '{target}/users.parquet' JOIN '{target}/user_profile.parquet' USING (user_id)""",
    "completed_workouts": """
        SELECT user_id, workout_id, session_id, a.time AS start_time, b.time AS end_time
        FROM '{target}/workouts.parquet' a JOIN '{target}/workouts.parquet' b USING (user_id, workout_id, session_id)
        WHERE a.action = 'start' AND b.action = 'stop' AND b.time > a.time AND b.time - a.time < INTERVAL 3 HOURS
        QUALIFY row_number() OVER (PARTITION BY user_id, workout_id, session_id ORDER BY a.time, b.time) = 1""",
    "workout_bpm": """
        SELECT user_id, workout_id, session_id, start_time, end_time, h.time, heartrate
        FROM (SELECT * FROM '{target}/completed_workouts.parquet' JOIN '{target}/users.parquet' USING (user_id)) c
        JOIN '{target}/heart_rate.parquet' h
        ON h.device_id = c.device_id AND h.time > start_time AND h.time <= end_time WHERE valid ORDER BY h.time""",
    "workout_bpm_summary": """
        SELECT w.user_id, workout_id, session_id, any_value(age) AS age, min(heartrate), avg(heartrate),
            max(heartrate), count(*) FROM '{target}/workout_bpm.parquet' w
        LEFT JOIN '{target}/user_bins.parquet' b USING (user_id) GROUP BY ALL""",
    "gym_summary": """
        SELECT g.login::DATE AS date, gym, mac_address, workout_id, session_id,
            round(epoch(logout - login) / 60, 2) AS minutes_in_gym, round(epoch(end_time - start_time) / 60, 2)
        FROM '{target}/gym_logs.parquet' g JOIN '{target}/users.parquet' u USING (mac_address)
        JOIN '{target}/completed_workouts.parquet' c
        ON c.user_id = u.user_id AND start_time BETWEEN login AND logout""",
}


def compute(landing_zone: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        for name, query in _TABLES.items():
            rows = query.format(zone=landing_zone, target=target)
            db.execute(f"COPY ({rows}) TO '{target}/{name}.parquet' (COMPRESSION zstd)")


if __name__ == "__main__":
    compute(Path(sys.argv[1]), Path(sys.argv[2]))
