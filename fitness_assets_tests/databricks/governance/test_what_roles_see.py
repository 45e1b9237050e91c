"""The masks and filters that were applied, run for real: what each role sees."""

from typing import Any

import duckdb
import pytest
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import get_table
from fitness_assets.databricks.governance.access.anonymized_views import ANONYMIZED_VIEWS, MIN_GROUP_SIZE
from fitness_assets.databricks.governance.access.dashboard_views import DASHBOARD_VIEWS
from fitness_assets_tests.databricks.governance.fake_catalog.server import FakeServer
from fitness_assets_tests.databricks.governance.reader_rows import (
    GROUPS,
    NOON,
    ROWS,
    expected_rows,
    functions,
    view_text,
    without_schemas,
)

pytestmark = pytest.mark.slow

DUCKDB_TYPES = {"bigint": "BIGINT", "int": "INTEGER", "string": "VARCHAR", "double": "DOUBLE"}


def in_duckdb(server: FakeServer, name: str, reader: str) -> list[dict[str, Any]]:
    with duckdb.connect() as db:
        groups = ", ".join(f"'{group}'" for group in GROUPS[reader]) or "NULL"
        db.execute(f"CREATE MACRO is_account_group_member(g) AS coalesce(g IN ({groups}), FALSE)")
        for function_name, function in functions(server).items():
            body = function["body"].replace("`", '"')
            db.execute(f'CREATE MACRO {function_name}("{function["parameter"]}") AS {body}')
        columns = ", ".join(
            f'"{column.name}" {DUCKDB_TYPES.get(column.type, column.type)}' for column in get_table(name).columns
        )
        db.execute(f"CREATE TABLE {get_table(name).name} ({columns})")
        for row in ROWS[name]:
            parameters = ", ".join("?" for _ in row)
            db.execute(
                f"INSERT INTO {get_table(name).name} ({', '.join(row)}) VALUES ({parameters})", list(row.values())
            )
        result = db.execute(view_text(server, get_table(name).name).replace("`", '"') + " ORDER BY session_id")
        column_names = [description[0] for description in result.description]
        return [dict(zip(column_names, row, strict=True)) for row in result.fetchall()]


def test_each_role_sees_what_it_should_and_no_more(governed: FakeServer) -> None:
    for name in ROWS:
        for reader in GROUPS:
            assert in_duckdb(governed, name, reader) == expected_rows(name, reader), (name, reader)


def test_without_the_mask_the_same_query_would_show_it(governed: FakeServer) -> None:
    view = governed.catalog.securables["dev.shared_db.workout_bpm_summary"]
    view.view = (view.view or "").replace("dev.governance.mask_health_double(avg_bpm)", "avg_bpm")
    assert in_duckdb(governed, "gold_db.workout_bpm_summary", "analyst")[0]["avg_bpm"] == 120.5


@pytest.mark.parametrize("reader", ["fitness_analysts", "fitness_data_scientists"])
def test_people_reach_views_alone_and_no_table_and_no_file(governed: FakeServer, reader: str) -> None:
    readable = set()
    for name, securable in governed.catalog.securables.items():
        effective = governed.catalog.effective_privileges(name)
        privileges = {privilege for principal, privilege in effective if principal == reader}
        if securable.type == "table" and {"USE_CATALOG", "USE_SCHEMA", "SELECT"} <= privileges:
            readable.add(name)
        assert securable.type != "volume" or not {"READ_VOLUME", "WRITE_VOLUME"} & privileges
    shared = {"gym_summary", "workout_bpm_summary", "heart_rate_by_group", "gym_use_by_day"}
    shared |= {view.name.removeprefix("shared_db.") for view in DASHBOARD_VIEWS}
    shared |= {"workout_heart_rates"} if reader == "fitness_data_scientists" else set()
    assert readable == {f"dev.shared_db.{name}" for name in shared}


def test_spark_runs_every_function_and_view_as_it_was_sent(governed: FakeServer, spark: SparkSession) -> None:
    """Spark reads the very text that Databricks gets, the names of catalog and schema cut off."""
    created = [statement for statement in governed.statements if statement.startswith("CREATE OR REPLACE FUNCTION")]
    people, minutes = MIN_GROUP_SIZE, 30
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
    for reader in ("analyst of gym 5", "analyst"):
        groups = ", ".join(f"'{group}'" for group in GROUPS[reader])
        spark.sql(
            "CREATE OR REPLACE TEMPORARY FUNCTION is_account_group_member(g STRING) RETURNS BOOLEAN "
            f"RETURN g IN ({groups})"
        )
        for statement in created:
            spark.sql(without_schemas(statement).replace("REPLACE FUNCTION", "REPLACE TEMPORARY FUNCTION"))
        visible = {
            view.name: spark.sql(view_text(governed, view.name.split(".")[1])).collect() for view in ANONYMIZED_VIEWS
        }
        # The one person of the other state and the other gym is too few to be shown.
        assert [tuple(row)[:5] for row in visible["shared_db.heart_rate_by_group"]] == [
            ("25-35", "F", "OR", people, people)
        ]
        gyms = [(row.gym, row.people, row.avg_minutes_in_gym) for row in visible["shared_db.gym_use_by_day"]]
        assert gyms == ([(5, people, 60.0)] if reader == "analyst of gym 5" else [])
        assert {(row.second, row.age) for row in visible["shared_db.workout_heart_rates"]} == {(7, "25-35")}
        for name, rows in ROWS.items():
            spark.createDataFrame(rows, _schema(name)).createOrReplaceTempView(get_table(name).name)
            text = view_text(governed, get_table(name).name) + " ORDER BY session_id"
            read = [row.asDict() for row in spark.sql(text).collect()]
            assert read == expected_rows(name, reader)


def _schema(name: str) -> str:
    return ", ".join(f"`{column.name}` {column.type}" for column in get_table(name).columns)
