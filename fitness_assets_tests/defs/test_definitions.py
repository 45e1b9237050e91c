"""The definitions load without an engine, and show every table as the contract has it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from dagster import AssetSelection, LocalFileCodeReference, UrlCodeReference

from fitness_assets.contracts.registry import all_tables
from fitness_assets.definitions import defs
from fitness_assets.defs.asset_keys import table_asset_key
from fitness_assets.defs.assets.code_references import code_references
from fitness_assets.defs.assets.table_assets import table_assets


def test_every_table_is_an_asset_with_owner_group_and_checks() -> None:
    graph = defs().get_repository_def().asset_graph
    for table in all_tables().values():
        node = graph.get(table_asset_key(table.full_name))
        assert node.description and node.owners and node.group_name in {"bronze", "silver", "gold"}
        assert {parent.to_user_string() for parent in node.parent_keys} >= {
            source.table.replace(".", "/") for source in table.sources
        }
    assert len(all_tables()) == 15


def test_loading_starts_no_jvm_and_the_inner_layers_never_import_dagster() -> None:
    code = (
        "import sys, fitness_assets.pipeline.update, fitness_assets.contracts.registry; "
        "assert 'dagster' not in sys.modules; "
        "from fitness_assets.definitions import defs; defs().get_repository_def(); "
        "from pyspark import SparkContext; assert SparkContext._gateway is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_environment_is_read_when_definitions_are_loaded_and_not_at_import() -> None:
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    environment |= {"FITNESS_AUTOMATIC": "1", "FITNESS_ENV": "qa", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092"}
    process = subprocess.run(
        [sys.executable, "-c", RECORD_READS], env=environment, capture_output=True, text=True, check=True
    )
    at_import, at_load = (set(names) for names in json.loads(process.stdout.splitlines()[-1]))
    assert at_import == set()
    assert "FITNESS_AUTOMATIC" in at_load


RECORD_READS = """
import json, os, traceback
reads, get = set(), type(os.environ).__getitem__

def recording(self, name):
    # Libraries copy the whole environment while they are imported; the settings have one door to it.
    door = [frame.name for frame in traceback.extract_stack() if frame.filename.endswith("settings/environment.py")]
    if door and door[-1] != "<module>":
        reads.add(name)
    return get(self, name)

type(os.environ).__getitem__ = recording
from fitness_assets.definitions import defs
at_import = list(reads)
defs().get_repository_def()
print(json.dumps([at_import, list(reads)]))
"""


@pytest.mark.parametrize(("automatic", "status"), [("1", "RUNNING"), (None, "STOPPED")])
def test_sensors_and_schedules_are_on_from_the_start_where_the_environment_says_so(
    automatic: str | None, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FITNESS_AUTOMATIC", raising=False)
    if automatic:
        monkeypatch.setenv("FITNESS_AUTOMATIC", automatic)
    repository = defs().get_repository_def()
    assert {sensor.name: sensor.default_status.value for sensor in repository.sensor_defs} == {
        "alert_sensor": status,
        "landing_zone_sensor": status,
        "kafka_lag_sensor": status,
        "retention_sensor": status,
    }
    assert {schedule.name: schedule.default_status.value for schedule in repository.schedule_defs} == {
        "daily_age_refresh": status,
        "minutely_sql_extraction": status,
        "nightly_maintenance": status,
    }


def test_dagster_knows_which_checks_hold_back_what_is_above() -> None:
    blocking = {spec.name: spec.blocking for spec in table_assets().check_specs}
    assert {name for name, is_blocking in blocking.items() if not is_blocking} == {"nothing_missed", "known_fields"}
    assert len(blocking) == 10


def test_a_selection_of_everything_materializes_what_is_ours_and_observes_nothing() -> None:
    graph = defs().get_repository_def().asset_graph
    assert {key.path[0] for key in AssetSelection.all().resolve(graph)} == {
        "landing_zone",
        "bronz_db",
        "silver_db",
        "gold_db",
    }
    observable = {key.to_user_string() for key in graph.observable_asset_keys}
    assert observable == {
        "kafka/user_info",
        "kafka/workout",
        "kafka/bpm",
        "landing_zone/kafka_multiplex_bz",
        "landing_zone/date_lookup",
    }


def test_whatever_the_graph_shows_says_what_it_is_whose_it_is_and_what_its_columns_are() -> None:
    graph = defs().get_repository_def().asset_graph
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description and node.description.endswith("."), key
        assert node.owners and node.kinds and node.group_name, key
        if key.path[0] not in ("landing_zone", "operations"):
            assert node.metadata["dagster/column_schema"].columns, key


def test_each_table_leads_to_its_contract_and_to_the_functions_that_make_its_rows() -> None:
    for table in all_tables().values():
        contract, *functions = code_references(table, None).code_references
        assert isinstance(contract, LocalFileCodeReference) and functions
        assert line_of(contract).startswith("TABLE = ") and Path(contract.file_path).stem == table.name
        for function in functions:
            assert isinstance(function, LocalFileCodeReference)
            assert line_of(function).startswith(("@parses", "@merge_rule", "@transform", "def ")), function


def test_the_links_to_the_code_lead_to_the_web_where_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITNESS_CODE_URL", "https://code.example/fitness/blob/main/")
    node = defs().get_repository_def().asset_graph.get(table_asset_key("gold_db.gym_summary"))
    for reference in node.metadata["dagster/code_references"].code_references:
        assert isinstance(reference, UrlCodeReference)
        assert reference.url.startswith("https://code.example/fitness/blob/main/fitness_assets/")
        assert "#L" in reference.url


def line_of(reference: LocalFileCodeReference) -> str:
    return Path(reference.file_path).read_text(encoding="utf-8").splitlines()[(reference.line_number or 1) - 1]
