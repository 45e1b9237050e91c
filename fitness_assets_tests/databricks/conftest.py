"""A workspace, our wheel, and the settings under which Dagster uses them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace
from fitness_assets_tests.databricks.on_volumes import Machine, require_strict_volumes
from fitness_assets_tests.databricks.remote_platform import RemotePlatform
from fitness_assets_tests.databricks.stub_wheel import stub_platform

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def project_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel as the build pipeline makes it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True)
    return next(folder.glob("fitness_assets-*.whl"))


@pytest.fixture
def spark_workspace(tmp_path: Path) -> Iterator[FakeWorkspace]:
    """Its machines have local Spark, where Databricks has its own."""
    machine_env = {"FITNESS_MASTER": "local[2]", "SPARK_LOCAL_IP": "127.0.0.1"}
    machine_env["JDK_JAVA_OPTIONS"] = os.environ["JDK_JAVA_OPTIONS"]
    with FakeWorkspace(tmp_path / "workspace", machine_env=machine_env) as workspace:
        yield workspace


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RemotePlatform]:
    """A platform whose workspace runs the stub wheel."""
    with stub_platform(tmp_path, monkeypatch) as remote:
        yield remote


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine of a workspace, without the workspace."""
    require_strict_volumes()
    return Machine(tmp_path / "machine")
