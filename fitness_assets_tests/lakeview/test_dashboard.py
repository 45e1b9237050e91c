"""The AI/BI dashboard of the Databricks bundle: each query runs on real tables, and each widget shows what is there.

The queries name views as `shared_db.view`; the deployment gives the catalog. Here each view is made from the text that
governance sends, with a table's place for its name, and functions that know the groups of one reader.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.model import Pii
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.databricks.governance.access.anonymized_views import MIN_GROUP_SIZE
from fitness_assets.databricks.governance.access.dashboard_views import DASHBOARD_READERS
from fitness_assets.databricks.governance.access.masks import gym_filter, mask_function
from fitness_assets.databricks.governance.access.shared_views import shared_views, view_query
from fitness_assets.databricks.workspace import Role, Workspace
from fitness_assets.sample.faults import Faults
from fitness_assets.sample.history import SampleSize
from fitness_assets.sample.landing_files import write_sample
from fitness_assets_tests.checkout import ROOT
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS, action

pytestmark = pytest.mark.slow

DASHBOARD: dict[str, Any] = json.loads((ROOT / "dashboards" / "fitness.lvdash.json").read_text(encoding="utf-8"))
DATASETS = {dataset["name"]: dataset for dataset in DASHBOARD["datasets"]}
OF_SYSTEM_TABLES = {name for name, dataset in DATASETS.items() if "system." in "".join(dataset["queryLines"])}
"""What asks tables that Databricks itself fills; `test_costs.py` runs it."""
VERSIONS = {"counter": 2, "table": 2, "bar": 3, "line": 3, "heatmap": 3}
"""The version of each widget's specification that Databricks draws; filters have 2."""
GRID_COLUMNS = 12
OPEN_VISITS = 6
WORKSPACE = Workspace("dev", "dev")
VIEWS = {view.name: view for view in shared_views(WORKSPACE)}


def dataset_sql(name: str) -> str:
    return "".join(DATASETS[name]["queryLines"])


def widgets() -> list[dict[str, Any]]:
    return [item["widget"] for page in DASHBOARD["pages"] for item in page["layout"]]


def widget_queries() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each query with the name of its widget."""
    for widget in widgets():
        for query in widget.get("queries", ()):
            yield widget["name"], query["query"]


@pytest.fixture(scope="module")
def filled_platform(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> Platform:
    """A platform with every table filled: rejected records, and one visit and one workout that are not over."""
    platform = Platform(tmp_path_factory.mktemp("lakeview") / "base", lambda: spark)
    landing_zone = platform.settings.landing_zone
    write_sample(
        landing_zone, SampleSize(users=150, days=2, files=1, reading_interval=900, faults=Faults(malformed=0.05))
    )
    logins = "".join(file.read_text(encoding="utf-8") for file in landing_zone.glob("gym_logins_bz/*.csv"))
    times = [int(time) for time in re.findall(r",(\d{10})$", logins, re.MULTILINE)]
    visits = [f"aa{number},5,{max(times) - 600}," for number in range(OPEN_VISITS)]
    platform.land("gym_logins_bz", "open.csv", [LOGINS, *visits, f"bb,4,{max(times) - 600},"])
    platform.land("kafka_multiplex_bz", "open.json", [action(1, 1, max(times) - 500, "start")])
    platform.update()
    look_as(platform, Role.ENGINEER)
    return platform


def look_as(platform: Platform, role: Role) -> None:
    """Make the views of the dashboard, as somebody of a role sees them."""
    spark = platform.spark()
    group = WORKSPACE.roles[role]
    spark.sql(
        f"CREATE OR REPLACE TEMPORARY FUNCTION is_account_group_member(g STRING) RETURNS BOOLEAN RETURN g = '{group}'"
    )
    for function in (mask_function(WORKSPACE, Pii.HEALTH, "double"), gym_filter(WORKSPACE)):
        name = function.securable.name.rpartition(".")[2]
        statement = function.sql.replace(function.securable.sql, name)
        spark.sql(statement.replace("REPLACE FUNCTION", "REPLACE TEMPORARY FUNCTION"))
    for name in sorted(asked_views()):
        query = view_query(WORKSPACE, VIEWS[name]).replace("`dev`.`governance`.", "")
        tables = re.compile(r"`dev`.`(\w+_db)`.`(\w+)`")
        query = tables.sub(lambda found: platform.lake.sql_name(get_table(f"{found[1]}.{found[2]}")), query)
        spark.sql(query).createOrReplaceTempView(name.replace(".", "_"))


def asked_views() -> set[str]:
    """The names, with their schemas, of everything that the dashboard's queries read."""
    return {name for dataset in DATASETS for name in re.findall(r"\b\w+_db\.\w+", dataset_sql(dataset))}


def run(platform: Platform, dataset: str, **arguments: str) -> DataFrame:
    """The rows of a dataset, with these arguments for its parameters, or their defaults."""
    query = dataset_sql(dataset)
    for parameter in [parameter for other in DATASETS.values() for parameter in other.get("parameters", ())]:
        keyword, default = parameter["keyword"], parameter["defaultSelection"]["values"]["values"][0]["value"]
        query = query.replace(f":{keyword}", f"'{arguments.get(keyword, default)}'")
    query = re.sub(r"\bshared_db\.(\w+)", r"shared_db_\1", query)
    assert platform.spark().conf.get("spark.sql.session.timeZone") == "UTC"
    return platform.spark().sql(query)


def test_everybody_whom_it_is_for_may_read_all_that_is_asked_for() -> None:
    assert set(DASHBOARD_READERS) == {Role.ENGINEER, Role.ANALYST, Role.DATA_SCIENTIST}
    for name in asked_views():
        assert set(DASHBOARD_READERS) <= set(VIEWS[name].readers), name
    assert len(asked_views()) == 11


def test_heart_rates_are_hidden_from_those_who_see_no_health_data(filled_platform: Platform) -> None:
    look_as(filled_platform, Role.ANALYST)
    try:
        sessions, curve = (run(filled_platform, dataset).collect() for dataset in ("sessions", "curve"))
        assert sessions and {row["avg_bpm"] for row in sessions} == {None}
        assert curve and {(row["heartrate"], row["zone"]) for row in curve} == {(None, "hidden")}
        # An analyst sees the gyms of the groups that FITNESS_GYM_GROUPS names, and here it names none.
        assert run(filled_platform, "visits").collect() == [] == run(filled_platform, "gyms_now").collect()
    finally:
        look_as(filled_platform, Role.ENGINEER)
    assert all(row["avg_bpm"] for row in run(filled_platform, "sessions").collect())


def test_no_query_asks_who_somebody_is_or_where_they_live() -> None:
    """Ids and times are read to count and to join; names, addresses, days of birth and whole records never are."""
    columns = [column for contract in all_tables().values() for column in contract.all_columns if column.pii]
    contact = {column.name for column in columns if column.pii is Pii.CONTACT}
    personal = (contact | {"dob", "raw", "record"}) - {
        column.name for column in get_table("silver_db.user_bins").columns
    }
    assert {"first_name", "street_address", "zip"} <= personal
    for dataset in DATASETS:
        assert not personal & set(re.findall(r"\w+", dataset_sql(dataset))), dataset


@pytest.mark.parametrize("dataset", sorted(set(DATASETS) - OF_SYSTEM_TABLES))
def test_each_query_gives_rows_with_the_columns_that_its_widgets_ask_for(
    dataset: str, filled_platform: Platform
) -> None:
    rows = run(filled_platform, dataset)
    assert rows.limit(1).collect(), f"{dataset} has no rows"
    rows.createOrReplaceTempView(f"lakeview_{dataset}")
    for widget_name, query in widget_queries():
        if query["datasetName"] != dataset or "fields" not in query:
            continue
        fields = query["fields"]
        selected = [f"{field['expression'].replace('`*`', '*')} AS `{field['name']}`" for field in fields]
        plain_columns = [f"`{field['name']}`" for field in fields if field["expression"] == f"`{field['name']}`"]
        is_grouped = plain_columns and not query["disaggregated"]
        group_by = f" GROUP BY {', '.join(plain_columns)}" if is_grouped else ""
        shown = filled_platform.spark().sql(f"SELECT {', '.join(selected)} FROM lakeview_{dataset}{group_by}")
        assert shown.limit(1).collect(), f"the widget {widget_name} shows nothing"


def test_each_widget_shows_fields_that_its_query_gives() -> None:
    for widget in widgets():
        queries = [query["query"] for query in widget.get("queries", ())]
        fields = {field["name"] for query in queries for field in query.get("fields", ())}
        parameters = {parameter["keyword"] for query in queries for parameter in query.get("parameters", ())}
        query_names = {query["name"] for query in widget.get("queries", ())}
        specification = json.dumps(widget.get("spec", {}))
        assert set(re.findall(r'"fieldName": "([^"]+)"', specification)) == fields, widget["name"]
        assert set(re.findall(r'"parameterName": "([^"]+)"', specification)) == parameters, widget["name"]
        assert set(re.findall(r'"queryName": "([^"]+)"', specification)) <= query_names


def test_every_widget_is_of_a_kind_and_version_that_databricks_draws_and_has_a_title() -> None:
    names = [widget["name"] for widget in widgets()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[\w-]{1,60}", name) for name in names)
    for widget in widgets():
        if "multilineTextboxSpec" in widget:
            continue
        kind = widget["spec"]["widgetType"]
        assert widget["spec"]["version"] == (2 if kind.startswith("filter-") else VERSIONS[kind])
        assert widget["spec"]["frame"]["showTitle"] and widget["spec"]["frame"]["title"]


def test_every_dataset_is_shown_and_every_parameter_has_a_default() -> None:
    assert {query["datasetName"] for _, query in widget_queries()} == set(DATASETS)
    for name, dataset in DATASETS.items():
        parameters = dataset.get("parameters", ())
        used = set(re.findall(r"(?<!:):(\w+)", dataset_sql(name)))
        assert used == {parameter["keyword"] for parameter in parameters}
        assert all(parameter["defaultSelection"] for parameter in parameters)


def test_the_pages_are_the_six_of_the_dashboard_and_nothing_overlaps() -> None:
    names = [page["displayName"] for page in DASHBOARD["pages"]]
    assert names == ["Now", "Workouts", "Gyms", "People", "Data quality", "Cost"]
    for page in DASHBOARD["pages"]:
        occupied: set[tuple[int, int]] = set()
        for item in page["layout"]:
            left, top = item["position"]["x"], item["position"]["y"]
            right, bottom = left + item["position"]["width"], top + item["position"]["height"]
            assert right <= GRID_COLUMNS
            cells = {(x, y) for x in range(left, right) for y in range(top, bottom)}
            assert not occupied & cells, item["widget"]["name"]
            occupied |= cells


def visits_of_groups(platform: Platform) -> dict[tuple[str, str, int], int]:
    """Visits by gym, weekday and hour, where there were enough people, counted by hand."""
    people: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for gym, login, mac_address in platform.rows("silver_db.gym_logs", "gym, login, mac_address"):
        people[str(gym), f"{login.weekday() + 1} {login:%a}", login.hour].append(mac_address)
    return {group: len(visits) for group, visits in people.items() if len(set(visits)) >= MIN_GROUP_SIZE}


def sessions_under_way(platform: Platform) -> set[tuple[Any, ...]]:
    """Sessions that began less than 3 h before the newest record of all and did not end since, counted by hand."""
    events = platform.rows("silver_db.workouts", "user_id, workout_id, session_id, time, action")
    times = [row[0] for name in ("silver_db.heart_rate", "silver_db.workouts") for row in platform.rows(name, "time")]
    newest = max(times + [row[0] for row in platform.rows("silver_db.gym_logs", "login")])
    starts = [event for event in events if event[4] == "start" and event[3] > newest - timedelta(hours=3)]
    stops = [event for event in events if event[4] == "stop"]
    return {start for start in starts if not any(stop[:3] == start[:3] and stop[3] > start[3] for stop in stops)}


def test_the_numbers_are_those_of_the_tables(filled_platform: Platform) -> None:
    rejected = sum(row["records"] for row in run(filled_platform, "refused").collect())
    assert rejected == len(filled_platform.rows("silver_db.quarantine"))
    sessions = run(filled_platform, "sessions").collect()
    assert len(sessions) == len(filled_platform.rows("gold_db.workout_bpm_summary"))
    visits = {
        (row["gym"], row["weekday"], row["hour"]): row["visits"] for row in run(filled_platform, "visits").collect()
    }
    assert visits == visits_of_groups(filled_platform)
    readings = filled_platform.rows("silver_db.workout_bpm", "end_time, start_time, workout_id, session_id")
    latest = [row for row in readings if row == max(readings)]
    assert len(run(filled_platform, "curve").collect()) == len(latest)
    session = sessions[0]["session"]
    of_session = [row for row in readings if f"{row[1]:%Y-%m-%d %H:%M:%S} {row[2]}/{row[3]}" == session]
    assert (
        len(run(filled_platform, "curve", session=session).collect())
        == len(of_session)
        == sessions[0]["num_recordings"]
    )
    (now,) = run(filled_platform, "now").collect()
    assert now["newest_record"] is not None and now["delay_minutes"] > 0
    assert now["workouts_under_way"] == len(sessions_under_way(filled_platform))
    # The one person in the other gym is too few to be shown.
    assert now["people_in_gyms"] == OPEN_VISITS + 1
    assert [tuple(row) for row in run(filled_platform, "gyms_now").collect()] == [("5", OPEN_VISITS)]
