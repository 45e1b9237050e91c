"""The definitions load without an engine, and show every table as the contract has it."""

import subprocess
import sys

from fitness_assets.contracts.catalog import tables
from fitness_assets.definitions import defs
from fitness_assets.defs.describe import key_of


def test_every_table_is_an_asset_with_owner_group_and_checks() -> None:
    graph = defs.get_repository_def().asset_graph
    for table in tables().values():
        node = graph.get(key_of(table.full_name))
        assert node.description and node.owners and node.group_name in {"bronze", "silver", "gold"}
        assert {parent.to_user_string() for parent in node.parent_keys} >= {
            source.table.replace(".", "/") for source in table.sources
        }
    assert len(tables()) == 15


def test_loading_starts_no_jvm_and_the_inner_layers_never_import_dagster() -> None:
    code = (
        "import sys, fitness_assets.pipeline.update, fitness_assets.contracts.catalog; "
        "assert 'dagster' not in sys.modules; import fitness_assets.definitions; "
        "from pyspark import SparkContext; assert SparkContext._gateway is None"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
