"""What our jobs cost, asked of stand-ins for the system tables that have their documented columns.

DuckDB runs the query, as sqlglot puts it: each column that is asked for must be there and of its type.
"""

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import sqlglot
import yaml
from sqlglot import exp

from fitness_assets.databricks.runs.job_spec import PACKAGE
from fitness_assets_tests.checkout import ROOT

DASHBOARD: dict[str, Any] = json.loads((ROOT / "dashboards" / "fitness.lvdash.json").read_text(encoding="utf-8"))
[PAGE] = [page for page in DASHBOARD["pages"] if page["displayName"] == "Cost"]
[DATASET] = [dataset for dataset in DASHBOARD["datasets"] if dataset["name"] == "job_costs"]
QUERY = sqlglot.parse_one("".join(DATASET["queryLines"]), dialect="databricks")
TABLES = {
    "billing.usage": "workspace_id VARCHAR, sku_name VARCHAR, cloud VARCHAR, usage_start_time TIMESTAMP, "
    "usage_end_time TIMESTAMP, usage_date DATE, custom_tags MAP(VARCHAR, VARCHAR), usage_unit VARCHAR, "
    "usage_quantity DECIMAL(38, 18), usage_metadata STRUCT(job_id VARCHAR, job_run_id VARCHAR), record_type VARCHAR",
    "billing.list_prices": "price_start_time TIMESTAMP, price_end_time TIMESTAMP, sku_name VARCHAR, cloud VARCHAR, "
    'currency_code VARCHAR, usage_unit VARCHAR, pricing STRUCT("default" DECIMAL(38, 18))',
    "lakeflow.jobs": "workspace_id VARCHAR, job_id VARCHAR, name VARCHAR, tags MAP(VARCHAR, VARCHAR), "
    "change_time TIMESTAMP, delete_time TIMESTAMP",
}
OURS = "MAP {'project': 'fitness_assets', 'environment': 'prod'}"
NONE = "MAP {}"


@pytest.fixture
def system() -> Iterator[duckdb.DuckDBPyConnection]:
    """The system tables, empty but for the job `batch` under two names and a price that went up at noon yesterday."""
    with duckdb.connect() as connection:
        for name, columns in TABLES.items():
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name.split('.')[0]}")
            connection.execute(f"CREATE TABLE {name} ({columns})")
        for renamed, change_time in (("old name", "2026-01-01"), ("fitness_assets batch", "2026-02-01")):
            connection.execute(
                f"INSERT INTO lakeflow.jobs VALUES ('w', '1', '{renamed}', {OURS}, '{change_time}', NULL)"
            )
        noon = "current_date - 1 + INTERVAL 12 HOUR"
        for start, end, price in (("'2020-01-01'::TIMESTAMP", noon, 0.5), (noon, "NULL", 1.0)):
            connection.execute(
                f"INSERT INTO billing.list_prices VALUES ({start}, {end}, 'JOBS', 'AZURE', 'USD', 'DBU', "
                f"{{'default': {price}}})"
            )
        yield connection


def use(
    system: duckdb.DuckDBPyConnection,
    quantity: float,
    job: str | None = "'1'",
    workspace: str = "w",
    tags: str = NONE,
    hour: int = 6,
    days_ago: int = 1,
) -> None:
    """A record of usage, in an hour of a day."""
    start = f"current_date - {days_ago} + INTERVAL {hour} HOUR"
    system.execute(
        f"INSERT INTO billing.usage VALUES ('{workspace}', 'JOBS', 'AZURE', {start}, {start} + INTERVAL 1 HOUR, "
        f"current_date - {days_ago}, {tags}, 'DBU', {quantity}, {{'job_id': {job}, 'job_run_id': '7'}}, 'ORIGINAL')"
    )


def costs(system: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Job, environment, currency, DBUs and cost of each row, without the day."""
    query = QUERY.copy()
    for table in query.find_all(exp.Table):
        table.set("catalog", None)
    return [
        (job, environment, currency, float(dbus), float(cost))
        for _, job, environment, currency, dbus, cost in system.execute(query.sql("duckdb")).fetchall()
    ]


def test_a_job_costs_what_its_hours_cost_at_the_price_of_each(system: duckdb.DuckDBPyConnection) -> None:
    use(system, 2, hour=6)
    use(system, 3, hour=13)
    # Databricks takes a record back by one of a negative quantity.
    use(system, -1, hour=13)
    assert costs(system) == [("fitness_assets batch", "prod", "USD", 4.0, 2 * 0.5 + 2 * 1.0)]


def test_what_dagster_submits_is_known_by_the_tags_of_its_machines(system: duckdb.DuckDBPyConnection) -> None:
    use(system, 2, job="'99'", tags="MAP {'project': 'fitness_assets', 'environment': 'qa'}")
    assert costs(system) == [("runs from Dagster", "qa", "USD", 2.0, 1.0)]


def test_others_and_what_is_no_job_do_not_count(system: duckdb.DuckDBPyConnection) -> None:
    use(system, 2, job="'99'", tags="MAP {'project': 'other'}")
    use(system, 2, job="'99'")
    use(system, 2, job="NULL", tags=OURS)
    # The id of a job is unique in its workspace alone.
    use(system, 2, workspace="other")
    use(system, 2, days_ago=40)
    assert costs(system) == []


def test_it_asks_only_the_system_tables_by_their_whole_names() -> None:
    common = {cte.alias for cte in QUERY.find_all(exp.CTE)}
    asked = {".".join(part.name for part in table.parts) for table in QUERY.find_all(exp.Table)}
    assert asked - common == {f"system.{name}" for name in TABLES}


def test_our_jobs_and_runs_have_the_tags_that_it_asks_for() -> None:
    jobs = yaml.safe_load((ROOT / "resources" / "jobs.yml").read_text(encoding="utf-8"))["resources"]["jobs"]
    projects = {job["tags"]["project"] for job in jobs.values()} | {PACKAGE}
    texts = {literal.name for literal in QUERY.find_all(exp.Literal) if literal.is_string}
    assert projects <= texts
    assert {"project", "environment"} <= texts & set(jobs["batch"]["tags"])


def test_its_widgets_ask_for_columns_that_it_has() -> None:
    columns = set(QUERY.named_selects)
    fields = [
        field for item in PAGE["layout"] for query in item["widget"]["queries"] for field in query["query"]["fields"]
    ]
    for field in fields:
        parsed = sqlglot.parse_one(field["expression"], dialect="databricks")
        assert {column.name for column in parsed.find_all(exp.Column)} <= columns, field
    assert len(fields) == 8
