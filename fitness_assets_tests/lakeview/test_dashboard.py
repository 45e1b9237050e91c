"""The AI/BI dashboard of the Databricks bundle: each query runs on real tables, and each widget shows what is there.

The queries name tables as `schema.table`; the deployment gives the catalog. Here a table's place stands for its name.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from fitness_assets.contracts.model import Pii
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.sample.disorder import Disorder
from fitness_assets.sample.landing import SampleSize, write
from fitness_assets_tests.checkout import ROOT
from fitness_assets_tests.lines import LOGINS, action
from fitness_assets_tests.platform import Platform

DASHBOARD: dict[str, Any] = json.loads((ROOT / "dashboards" / "fitness.lvdash.json").read_text(encoding="utf-8"))
DATASETS = {one["name"]: one for one in DASHBOARD["datasets"]}
VERSIONS = {"counter": 2, "table": 2, "bar": 3, "line": 3, "heatmap": 3}
"""The version of each widget's specification that Databricks draws; filters have 2."""
COLUMNS_OF_THE_GRID = 12


def sql(dataset: str) -> str:
    return "".join(DATASETS[dataset]["queryLines"])


def placed() -> list[dict[str, Any]]:
    return [one for page in DASHBOARD["pages"] for one in page["layout"]]


def widgets() -> list[dict[str, Any]]:
    return [one["widget"] for one in placed()]


def queries() -> Iterator[tuple[str, dict[str, Any]]]:
    for widget in widgets():
        for query in widget.get("queries", ()):
            yield widget["name"], query["query"]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> Platform:
    """A platform with every table filled: refused records, and one visit and one workout that are not over."""
    platform = Platform(tmp_path_factory.mktemp("lakeview") / "base", lambda: spark)
    zone = platform.settings.landing_zone
    write(zone, SampleSize(20, 2, 1, every=120, disorder=Disorder(malformed=0.05)))
    logins = "".join(file.read_text(encoding="utf-8") for file in zone.glob("gym_logins_bz/*.csv"))
    times = [int(at) for at in re.findall(r",(\d{10})$", logins, re.MULTILINE)]
    platform.land("gym_logins_bz", "open.csv", [LOGINS, f"aa,5,{max(times) - 600},"])
    platform.land("kafka_multiplex_bz", "open.json", [action(1, 1, max(times) - 500, "start")])
    platform.update()
    return platform


def run(platform: Platform, query: str, **chosen: str) -> DataFrame:
    """The rows of a dataset, with what was chosen in the filters for its parameters, or their defaults."""
    for one in (parameter for dataset in DATASETS.values() for parameter in dataset.get("parameters", ())):
        default = one["defaultSelection"]["values"]["values"][0]["value"]
        query = query.replace(f":{one['keyword']}", f"'{chosen.get(one['keyword'], default)}'")
    place = re.sub(
        r"\b((?:bronz|silver|gold)_db)\.(\w+)", lambda name: platform.lake.sql_name(get_table(name[0])), query
    )
    assert platform.spark().conf.get("spark.sql.session.timeZone") == "UTC"
    return platform.spark().sql(place)


def test_the_tables_that_are_asked_for_are_those_of_the_contracts() -> None:
    named = {
        name for dataset in DATASETS for name in re.findall(r"\b\w+_db\.\w+", re.sub(r"'[^']*'", "", sql(dataset)))
    }
    assert named <= set(all_tables())
    assert {"gold_db.gym_summary", "gold_db.workout_bpm_summary", "silver_db.quarantine"} <= named


def test_no_query_asks_who_somebody_is_or_where_they_live() -> None:
    """Ids and times are read to count and to join; names, addresses, days of birth and whole records never are."""
    columns = [column for one in all_tables().values() for column in one.all_columns if column.pii]
    contact = {column.name for column in columns if column.pii is Pii.CONTACT}
    personal = (contact | {"dob", "raw", "record"}) - {
        column.name for column in get_table("silver_db.user_bins").columns
    }
    assert {"first_name", "street_address", "zip"} <= personal
    for dataset in DATASETS:
        assert not personal & set(re.findall(r"\w+", sql(dataset))), dataset


@pytest.mark.parametrize("dataset", sorted(DATASETS))
def test_each_query_gives_rows_with_the_columns_that_its_widgets_ask_for(dataset: str, filled: Platform) -> None:
    found = run(filled, sql(dataset))
    assert found.limit(1).collect(), f"{dataset} has no rows"
    found.createOrReplaceTempView(f"lakeview_{dataset}")
    for name, query in queries():
        if query["datasetName"] != dataset or "fields" not in query:
            continue
        fields = [f"{one['expression'].replace('`*`', '*')} AS `{one['name']}`" for one in query["fields"]]
        alone = [one["name"] for one in query["fields"] if one["expression"] == f"`{one['name']}`"]
        grouped = f" GROUP BY {', '.join(f'`{one}`' for one in alone)}" if alone and not query["disaggregated"] else ""
        shown = filled.spark().sql(f"SELECT {', '.join(fields)} FROM lakeview_{dataset}{grouped}")
        assert shown.limit(1).collect(), f"the widget {name} shows nothing"


def test_each_widget_shows_fields_that_its_query_gives() -> None:
    for widget in widgets():
        given = {one["name"] for query in widget.get("queries", ()) for one in query["query"].get("fields", ())}
        given_parameters = {
            one["keyword"] for query in widget.get("queries", ()) for one in query["query"].get("parameters", ())
        }
        shown = re.findall(r'"fieldName": "([^"]+)"', json.dumps(widget.get("spec", {})))
        parameters = re.findall(r'"parameterName": "([^"]+)"', json.dumps(widget.get("spec", {})))
        assert set(shown) == given, widget["name"]
        assert set(parameters) == given_parameters, widget["name"]
        names = {query["name"] for query in widget.get("queries", ())}
        assert set(re.findall(r'"queryName": "([^"]+)"', json.dumps(widget.get("spec", {})))) <= names


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
    assert {query["datasetName"] for _, query in queries()} == set(DATASETS)
    for one in DATASETS.values():
        asked = set(re.findall(r"(?<!:):(\w+)", sql(one["name"])))
        given = {parameter["keyword"] for parameter in one.get("parameters", ())}
        assert asked == given
        assert all(parameter["defaultSelection"] for parameter in one.get("parameters", ()))


def test_the_pages_are_the_five_of_the_dashboard_and_nothing_overlaps() -> None:
    assert [page["displayName"] for page in DASHBOARD["pages"]] == ["Now", "Workouts", "Gyms", "People", "Data quality"]
    for page in DASHBOARD["pages"]:
        cells: set[tuple[int, int]] = set()
        for one in page["layout"]:
            at = one["position"]
            assert at["x"] + at["width"] <= COLUMNS_OF_THE_GRID
            mine = {
                (x, y) for x in range(at["x"], at["x"] + at["width"]) for y in range(at["y"], at["y"] + at["height"])
            }
            assert not cells & mine, one["widget"]["name"]
            cells |= mine


def under_way(platform: Platform) -> set[tuple[Any, ...]]:
    """Sessions that began less than 3 h before the newest record of all and did not end since, counted by hand."""
    seen = platform.rows("silver_db.workouts", "user_id, workout_id, session_id, time, action")
    times = [row[0] for name in ("silver_db.heart_rate", "silver_db.workouts") for row in platform.rows(name, "time")]
    newest = max(times + [row[0] for row in platform.rows("silver_db.gym_logs", "login")])
    begun = [row for row in seen if row[4] == "start" and row[3] > newest - timedelta(hours=3)]
    ended = [row for row in seen if row[4] == "stop"]
    return {row for row in begun if not any(one[:3] == row[:3] and one[3] > row[3] for one in ended)}


def test_the_numbers_are_those_of_the_tables(filled: Platform) -> None:
    refused = sum(row["records"] for row in run(filled, sql("refused")).collect())
    assert refused == len(filled.rows("silver_db.quarantine"))
    sessions = run(filled, sql("sessions")).collect()
    assert len(sessions) == len(filled.rows("gold_db.workout_bpm_summary"))
    visits = sum(row["visits"] for row in run(filled, sql("visits")).collect())
    assert visits == len(filled.rows("silver_db.gym_logs"))
    readings = filled.rows("silver_db.workout_bpm", "end_time, user_id, workout_id, session_id")
    latest = [row for row in readings if row == max(readings)]
    assert len(run(filled, sql("curve")).collect()) == len(latest)
    one = sessions[0]["session"]
    first = [row for row in readings if "/".join(map(str, row[1:])) == one]
    assert len(run(filled, sql("curve"), session=one).collect()) == len(first) == sessions[0]["num_recordings"]
    (now,) = run(filled, sql("now")).collect()
    assert now["newest_record"] is not None and now["delay_minutes"] > 0
    assert now["workouts_under_way"] == len(under_way(filled))
    assert 1 == now["people_in_gyms"] == sum(row["people"] for row in run(filled, sql("gyms_now")).collect())
