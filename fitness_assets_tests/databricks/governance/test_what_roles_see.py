"""The masks and filters that were applied, run for real: what each role sees."""

from typing import Any

import duckdb
import pytest
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import get_table
from fitness_assets.databricks.governance.views import FEWEST_PEOPLE, VIEWS
from fitness_assets_tests.databricks.governance.readers import GROUPS, NOON, ROWS, expected, functions, local, view_text
from fitness_assets_tests.databricks.governance.server import FakeWorkspace

DUCK = {"bigint": "BIGINT", "int": "INTEGER", "string": "VARCHAR", "double": "DOUBLE"}


def in_duckdb(server: FakeWorkspace, name: str, who: str) -> list[dict[str, Any]]:
    with duckdb.connect() as db:
        groups = ", ".join(f"'{group}'" for group in GROUPS[who]) or "NULL"
        db.execute(f"CREATE MACRO is_account_group_member(g) AS coalesce(g IN ({groups}), FALSE)")
        for function, held in functions(server).items():
            body = held["body"].replace("`", '"')
            db.execute(f'CREATE MACRO {function}("{held["parameter"]}") AS {body}')
        columns = ", ".join(f'"{one.name}" {DUCK.get(one.type, one.type)}' for one in get_table(name).columns)
        db.execute(f"CREATE TABLE {get_table(name).name} ({columns})")
        for row in ROWS[name]:
            places = ", ".join("?" for _ in row)
            db.execute(f"INSERT INTO {get_table(name).name} ({', '.join(row)}) VALUES ({places})", list(row.values()))
        found = db.execute(view_text(server, get_table(name).name).replace("`", '"') + " ORDER BY session_id")
        names = [one[0] for one in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_each_role_sees_what_it_should_and_no_more(governed: FakeWorkspace) -> None:
    for name in ROWS:
        for who in GROUPS:
            assert in_duckdb(governed, name, who) == expected(name, who), (name, who)


def test_without_the_mask_the_same_query_would_show_it(governed: FakeWorkspace) -> None:
    view = governed.unity.things["dev.shared_db.workout_bpm_summary"]
    view.view = (view.view or "").replace("`dev`.`governance`.`mask_health_double`(`avg_bpm`)", "`avg_bpm`")
    assert in_duckdb(governed, "gold_db.workout_bpm_summary", "analyst")[0]["avg_bpm"] == 120.5


@pytest.mark.parametrize("who", ["fitness_analysts", "fitness_data_scientists"])
def test_people_reach_views_alone_and_no_table_and_no_file(governed: FakeWorkspace, who: str) -> None:
    reached = set()
    for name, thing in governed.unity.things.items():
        held = {privilege for principal, privilege in governed.unity.effective(name) if principal == who}
        if thing.kind == "table" and {"USE_CATALOG", "USE_SCHEMA", "SELECT"} <= held:
            reached.add(name)
        assert thing.kind != "volume" or not {"READ_VOLUME", "WRITE_VOLUME"} & held
    shared = {"gym_summary", "workout_bpm_summary", "heart_rate_by_group", "gym_use_by_day"}
    shared |= {"workout_heart_rates"} if who == "fitness_data_scientists" else set()
    assert reached == {f"dev.shared_db.{name}" for name in shared}


def test_spark_runs_every_function_and_view_as_it_was_sent(governed: FakeWorkspace, spark: SparkSession) -> None:
    """Spark reads the very text that Databricks gets, the names of catalog and schema cut off."""
    made = [one for one in governed.statements if one.startswith("CREATE OR REPLACE FUNCTION")]
    people, minutes = FEWEST_PEOPLE, 30
    values = ", ".join(f"({n}L, 'aa:{n}', {n}L, '25-35', 'F', {'0' if n else '1'})" for n in range(people + 1))
    spark.sql(
        f"SELECT * FROM VALUES {values} AS t(user_id, mac_address, device_id, age, gender, alone)"
    ).createTempView("people")
    noon = f"TIMESTAMP '{NOON}'"
    for name, query in {
        "user_bins": "SELECT user_id, age, gender, if(alone = 1, 'WA', 'OR') AS state FROM people",
        "users": "SELECT user_id, mac_address, device_id FROM people",
        "workout_bpm": f"SELECT user_id, 1 AS workout_id, 1 AS session_id, {noon} AS start_time, "
        f"{noon} + INTERVAL 7 SECONDS AS time, 100D + user_id AS heartrate FROM people",
        "gym_logs": f"SELECT mac_address, if(user_id = 0, 6L, 5L) AS gym, {noon} AS login, "
        f"{noon} + INTERVAL 1 HOUR AS logout FROM people",
        "completed_workouts": f"SELECT user_id, 1 AS workout_id, 1 AS session_id, {noon} AS start_time, "
        f"{noon} + INTERVAL {minutes} MINUTES AS end_time FROM people",
    }.items():
        spark.sql(query).createOrReplaceTempView(name)
    for who in ("analyst of gym 5", "analyst"):
        groups = ", ".join(f"'{group}'" for group in GROUPS[who])
        spark.sql(
            "CREATE OR REPLACE TEMPORARY FUNCTION is_account_group_member(g STRING) RETURNS BOOLEAN "
            f"RETURN g IN ({groups})"
        )
        for statement in made:
            spark.sql(local(statement).replace("REPLACE FUNCTION", "REPLACE TEMPORARY FUNCTION"))
        seen = {view.name: spark.sql(view_text(governed, view.name.split(".")[1])).collect() for view in VIEWS}
        # The one person of the other state and the other gym is too few to be shown.
        assert [tuple(row)[:5] for row in seen["shared_db.heart_rate_by_group"]] == [
            ("25-35", "F", "OR", people, people)
        ]
        gyms = [(row.gym, row.people, row.avg_minutes_in_gym) for row in seen["shared_db.gym_use_by_day"]]
        assert gyms == ([(5, people, 60.0)] if who == "analyst of gym 5" else [])
        assert {(row.second, row.age) for row in seen["shared_db.workout_heart_rates"]} == {(7, "25-35")}
        for name, rows in ROWS.items():
            spark.createDataFrame(rows, _schema(name)).createOrReplaceTempView(get_table(name).name)
            text = view_text(governed, get_table(name).name) + " ORDER BY session_id"
            read = [row.asDict() for row in spark.sql(text).collect()]
            assert read == expected(name, who)


def _schema(name: str) -> str:
    return ", ".join(f"`{column.name}` {column.type}" for column in get_table(name).columns)
