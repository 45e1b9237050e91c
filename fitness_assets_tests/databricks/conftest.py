"""A workspace, our wheel, and the settings under which Dagster uses them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitness_assets_tests.databricks.light import light_workspace
from fitness_assets_tests.databricks.on_workspace import OnWorkspace
from fitness_assets_tests.databricks.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def our_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel as the build pipeline makes it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True)
    return next(folder.glob("fitness_assets-*.whl"))


@pytest.fixture
def workspace_of_spark(tmp_path: Path) -> Iterator[Workspace]:
    """Its machines have local Spark, where Databricks has its own."""
    machine = {"FITNESS_MASTER": "local[2]", "SPARK_LOCAL_IP": "127.0.0.1"}
    machine["JDK_JAVA_OPTIONS"] = os.environ["JDK_JAVA_OPTIONS"]
    with Workspace(tmp_path / "workspace", machine_env=machine) as workspace:
        yield workspace


@pytest.fixture
def light(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OnWorkspace]:
    with light_workspace(tmp_path, monkeypatch) as on:
        yield on
