import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fitness_assets_tests.deployment.emulator import CLIENT_ID, CLIENT_SECRET, Emulator
from fitness_assets_tests.deployment.tools import ROOT, ToolMissingError, databricks_cli
from fitness_assets_tests.deployment.tools import sbom_folder as make_sbom_folder
from fitness_assets_tests.deployment.tools import tool_folder as make_tool_folder


def _or_skip(make: Callable[[], Path]) -> Path:
    """Without the tool the test is skipped, or fails where `FITNESS_REQUIRE_SERVERS=1` says so."""
    try:
        return make()
    except ToolMissingError as error:
        if os.environ.get("FITNESS_REQUIRE_SERVERS") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def tool_folder() -> Path:
    """Where minilake, check-jsonschema, shellcheck and dagster-cloud lie."""
    return _or_skip(make_tool_folder)


@pytest.fixture(scope="session")
def sbom_folder() -> Path:
    """Where CycloneDX's own programs lie."""
    return _or_skip(make_sbom_folder)


@pytest.fixture(scope="session")
def cli() -> Path:
    return _or_skip(databricks_cli)


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build artifact, made as the build pipeline makes it."""
    file = tmp_path_factory.mktemp("artifact") / "fitness_assets.zip"
    subprocess.run([ROOT / "deployment" / "build-artifact.sh", file], check=True, capture_output=True)
    return file


@pytest.fixture(scope="session")
def _emulator(tool_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tool_folder, tmp_path_factory.mktemp("workspace"))
    try:
        emulator.start()
        yield emulator
    finally:
        emulator.stop()


@pytest.fixture
def workspace(_emulator: Emulator) -> Emulator:
    """A workspace with the catalogs dev, qa and prod, to which nothing was deployed."""
    _emulator.reset()
    for catalog in ("dev", "qa", "prod"):
        _emulator.create_catalog(catalog)
    return _emulator


@pytest.fixture
def environment(workspace: Emulator, cli: Path, tmp_path: Path) -> dict[str, str]:
    """All that a deploy finds in its environment; no setting of the developer's own CLI is among it."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "DATABRICKS_CLI": str(cli),
        "DATABRICKS_HOST": workspace.host,
        "DATABRICKS_CLIENT_ID": CLIENT_ID,
        "DATABRICKS_CLIENT_SECRET": CLIENT_SECRET,
        "FITNESS_POLL_SECONDS": "0.1",
    }
