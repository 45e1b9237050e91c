"""A workspace, our wheel, and the settings under which Dagster uses them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace
from fitness_assets_tests.databricks.fake_workspace.another_spark import AnotherSpark, MissingSoftwareError
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


@pytest.fixture(scope="session")
def another_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnotherSpark]:
    """A Spark 4.0 that speaks Spark Connect, one for the whole test run, and what machines that speak to it have.

    What cannot be had here skips the test, or fails it where `FITNESS_REQUIRE_SERVERS=1` says that nothing may be
    missing.
    """
    require_strict_volumes()
    try:
        spark = AnotherSpark(tmp_path_factory.mktemp("another_spark"))
    except MissingSoftwareError as error:
        if os.environ.get("FITNESS_REQUIRE_SERVERS") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
    yield spark
    spark.stop()


@pytest.fixture
def spark_workspace(tmp_path: Path, another_spark: AnotherSpark) -> Iterator[FakeWorkspace]:
    """Its machines have Spark 4.0, and the packages that machines of Databricks have."""
    with FakeWorkspace(tmp_path / "workspace", another_spark=another_spark) as workspace:
        yield workspace
    another_spark.forget()


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
