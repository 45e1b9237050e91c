"""What the AI/BI dashboard reads: numbers of groups and of records, and workouts without the person.

Whoever looks at the dashboard asks with rights of their own, and none of those it is made for reads a table. Groups of
fewer than five people are left out, heart rates are masked, and gyms are those that the reader sees.
"""

from fitness_assets.databricks.governance.access.anonymized_views import MIN_GROUP_SIZE, SharedView
from fitness_assets.databricks.workspace import Role

DASHBOARD_READERS = (Role.ENGINEER, Role.ANALYST, Role.DATA_SCIENTIST)

_NEWEST = """greatest(
    (SELECT max(h.time) FROM {catalog}.`silver_db`.`heart_rate` h),
    (SELECT max(g.login) FROM {catalog}.`silver_db`.`gym_logs` g),
    (SELECT max(w.time) FROM {catalog}.`silver_db`.`workouts` w))"""
_SESSION = "concat(date_format(w.start_time, 'yyyy-MM-dd HH:mm:ss'), ' ', w.workout_id, '/', w.session_id)"

DASHBOARD_VIEWS = (
    SharedView(
        name="shared_db.activity_now",
        description="People, workouts and readings at the moment of the newest record, in all gyms together.",
        readers=DASHBOARD_READERS,
        sources=("silver_db.heart_rate", "silver_db.gym_logs", "silver_db.workouts"),
        query=f"""
WITH moment AS (SELECT {_NEWEST} AS at)
SELECT at AS newest_record,
       (SELECT count(*) FROM {{catalog}}.`silver_db`.`gym_logs` l, moment
        WHERE l.logout IS NULL AND l.login > at - INTERVAL 1 DAY) AS people_in_gyms,
       (SELECT count(*) FROM {{catalog}}.`silver_db`.`workouts` b, moment
        WHERE b.action = 'start' AND b.time > at - INTERVAL 3 HOURS AND NOT EXISTS (
          SELECT 1 FROM {{catalog}}.`silver_db`.`workouts` e
          WHERE e.action = 'stop' AND e.user_id = b.user_id AND e.workout_id = b.workout_id
            AND e.session_id = b.session_id AND e.time > b.time)) AS workouts_under_way,
       (SELECT round(count(*) / 60, 1) FROM {{catalog}}.`silver_db`.`heart_rate` r, moment
        WHERE r.time > at - INTERVAL 1 MINUTE) AS readings_a_second
FROM moment
""",
    ),
    SharedView(
        name="shared_db.people_in_gyms",
        description=f"People in each gym at the moment of the newest record, where at least {MIN_GROUP_SIZE} are.",
        readers=DASHBOARD_READERS,
        sources=("silver_db.heart_rate", "silver_db.gym_logs", "silver_db.workouts"),
        query=f"""
WITH moment AS (SELECT {_NEWEST} AS at)
SELECT l.gym, count(DISTINCT l.mac_address) AS people
FROM {{catalog}}.`silver_db`.`gym_logs` l, moment
WHERE l.logout IS NULL AND l.login > at - INTERVAL 1 DAY AND {{gym_filter}}(l.gym)
GROUP BY l.gym HAVING count(DISTINCT l.mac_address) >= {{min_group_size}}
""",
    ),
    SharedView(
        name="shared_db.visits_by_hour",
        description=f"Visits by gym, weekday and hour (UTC) of at least {MIN_GROUP_SIZE} people.",
        readers=DASHBOARD_READERS,
        sources=("silver_db.gym_logs",),
        query="""
SELECT l.gym, concat(weekday(l.login) + 1, ' ', date_format(l.login, 'E')) AS weekday, hour(l.login) AS hour,
       count(*) AS visits
FROM {catalog}.`silver_db`.`gym_logs` l
WHERE {gym_filter}(l.gym)
GROUP BY ALL HAVING count(DISTINCT l.mac_address) >= {min_group_size}
""",
    ),
    SharedView(
        name="shared_db.people_by_group",
        description=f"People by age bin, gender and state, where there are at least {MIN_GROUP_SIZE}.",
        readers=DASHBOARD_READERS,
        sources=("silver_db.user_bins",),
        query="""
SELECT p.age, coalesce(p.gender, 'not said') AS gender, coalesce(p.state, 'not said') AS state, count(*) AS people
FROM {catalog}.`silver_db`.`user_bins` p
GROUP BY ALL HAVING count(*) >= {min_group_size}
""",
    ),
    SharedView(
        name="shared_db.workouts_by_day",
        description=f"Workouts and people day by day (UTC), where at least {MIN_GROUP_SIZE} people trained.",
        readers=DASHBOARD_READERS,
        sources=("silver_db.completed_workouts",),
        query="""
SELECT CAST(w.start_time AS DATE) AS day, count(*) AS workouts, count(DISTINCT w.user_id) AS people,
       round(avg((unix_micros(w.end_time) - unix_micros(w.start_time)) / 60e6), 1) AS minutes
FROM {catalog}.`silver_db`.`completed_workouts` w
GROUP BY ALL HAVING count(DISTINCT w.user_id) >= {min_group_size}
""",
    ),
    SharedView(
        name="shared_db.finished_workouts",
        description="Finished workouts without the person; heart rates for those who see health data.",
        readers=DASHBOARD_READERS,
        sources=("gold_db.workout_bpm_summary", "silver_db.completed_workouts"),
        query=f"""
SELECT {_SESSION} AS session, w.start_time, w.end_time,
       round((unix_micros(w.end_time) - unix_micros(w.start_time)) / 60e6, 2) AS minutes,
       {{mask_health}}(s.min_bpm) AS min_bpm, round({{mask_health}}(s.avg_bpm), 1) AS avg_bpm,
       {{mask_health}}(s.max_bpm) AS max_bpm, s.num_recordings, s.age
FROM {{catalog}}.`gold_db`.`workout_bpm_summary` s
JOIN {{catalog}}.`silver_db`.`completed_workouts` w
  ON w.user_id = s.user_id AND w.workout_id = s.workout_id AND w.session_id = s.session_id
""",
    ),
    SharedView(
        name="shared_db.workout_curves",
        description="Workouts reading by reading without the person; heart rates for those who see health data.",
        readers=DASHBOARD_READERS,
        sources=("silver_db.workout_bpm", "silver_db.user_bins"),
        query=f"""
SELECT {_SESSION} AS session, w.end_time,
       round((unix_micros(w.time) - unix_micros(w.start_time)) / 60e6, 2) AS minute, p.age,
       {{mask_health}}(w.heartrate) AS heartrate
FROM {{catalog}}.`silver_db`.`workout_bpm` w
LEFT JOIN {{catalog}}.`silver_db`.`user_bins` p ON w.user_id = p.user_id
""",
    ),
    SharedView(
        name="shared_db.records_by_source",
        description="Records of each source, how many of them were refused, and when the newest came in.",
        readers=DASHBOARD_READERS,
        sources=(
            "bronz_db.registered_users_bz",
            "bronz_db.gym_logins_bz",
            "bronz_db.kafka_multiplex_bz",
            "silver_db.quarantine",
        ),
        query="""
WITH loaded AS (
  SELECT 'bronz_db.registered_users_bz' AS source, 'registrations' AS kind, max(u.load_time) AS loaded,
         count(*) AS records
  FROM {catalog}.`bronz_db`.`registered_users_bz` u
  UNION ALL
  SELECT 'bronz_db.gym_logins_bz', 'gym logins', max(l.load_time), count(*)
  FROM {catalog}.`bronz_db`.`gym_logins_bz` l
  UNION ALL
  SELECT 'bronz_db.kafka_multiplex_bz', k.topic_group, max(k.load_time), count(*)
  FROM {catalog}.`bronz_db`.`kafka_multiplex_bz` k GROUP BY k.topic_group
), refused AS (
  SELECT q.source_table AS source, count(*) AS refused FROM {catalog}.`silver_db`.`quarantine` q GROUP BY q.source_table
)
SELECT loaded.source, kind, loaded, records, coalesce(refused, 0) AS refused_of_source
FROM loaded LEFT JOIN refused ON loaded.source = refused.source
""",
    ),
    SharedView(
        name="shared_db.refused_by_day",
        description="Refused records by day (UTC), source and reason.",
        readers=DASHBOARD_READERS,
        sources=("silver_db.quarantine",),
        query="""
SELECT CAST(q.load_time AS DATE) AS day, q.source_table, q.reason, count(*) AS records
FROM {catalog}.`silver_db`.`quarantine` q
GROUP BY ALL
""",
    ),
    SharedView(
        name="shared_db.invalid_readings_by_day",
        description="Readings by day (UTC), and how many of them cannot be a heart rate.",
        readers=DASHBOARD_READERS,
        sources=("silver_db.heart_rate",),
        query="""
SELECT CAST(h.time AS DATE) AS day, count(*) AS readings, count_if(NOT h.valid) AS invalid
FROM {catalog}.`silver_db`.`heart_rate` h
GROUP BY ALL
""",
    ),
)
