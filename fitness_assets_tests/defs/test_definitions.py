"""The definitions load without an engine, and show every table as the contract has it."""

import subprocess
import sys
from pathlib import Path

import pytest
from dagster import LocalFileCodeReference, UrlCodeReference

from fitness_assets.contracts.registry import all_tables
from fitness_assets.definitions import defs
from fitness_assets.defs import code
from fitness_assets.defs.describe import key_of


def test_every_table_is_an_asset_with_owner_group_and_checks() -> None:
    graph = defs.get_repository_def().asset_graph
    for table in all_tables().values():
        node = graph.get(key_of(table.full_name))
        assert node.description and node.owners and node.group_name in {"bronze", "silver", "gold"}
        assert {parent.to_user_string() for parent in node.parent_keys} >= {
            source.table.replace(".", "/") for source in table.sources
        }
    assert len(all_tables()) == 15


def test_loading_starts_no_jvm_and_the_inner_layers_never_import_dagster() -> None:
    code = (
        "import sys, fitness_assets.pipeline.update, fitness_assets.contracts.registry; "
        "assert 'dagster' not in sys.modules; import fitness_assets.definitions; "
        "from pyspark import SparkContext; assert SparkContext._gateway is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_whatever_the_graph_shows_says_what_it_is_whose_it_is_and_what_its_columns_are() -> None:
    graph = defs.get_repository_def().asset_graph
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description and node.description.endswith("."), key
        assert node.owners and node.kinds and node.group_name, key
        if key.path[0] != "landing_zone":
            assert node.metadata["dagster/column_schema"].columns, key


def test_each_table_leads_to_its_contract_and_to_the_functions_that_make_its_rows() -> None:
    for table in all_tables().values():
        contract, *functions = code.code_references(table).code_references
        assert isinstance(contract, LocalFileCodeReference) and functions
        assert line_of(contract).startswith("TABLE = ") and Path(contract.file_path).stem == table.name
        for one in functions:
            assert isinstance(one, LocalFileCodeReference)
            assert line_of(one).startswith(("@accepts", "@combines", "@derives", "def ")), one


def test_the_links_to_the_code_lead_to_the_web_where_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(code.URL_VARIABLE, "https://code.example/fitness/blob/main/")
    for one in code.code_references(all_tables()["gold_db.gym_summary"]).code_references:
        assert isinstance(one, UrlCodeReference)
        assert one.url.startswith("https://code.example/fitness/blob/main/fitness_assets/") and "#L" in one.url


def line_of(reference: LocalFileCodeReference) -> str:
    return Path(reference.file_path).read_text(encoding="utf-8").splitlines()[(reference.line_number or 1) - 1]
