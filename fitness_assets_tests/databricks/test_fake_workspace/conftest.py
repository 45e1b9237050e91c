"""A workspace with a volume, and a client of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace
from fitness_assets_tests.databricks.fake_workspace.machine.mounts import namespaces_work
from fitness_assets_tests.databricks.test_fake_workspace.sdk_client import SdkClient


@pytest.fixture(params=["private mounts", "rewriting"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeWorkspace]:
    is_private = request.param == "private mounts"
    if is_private and not namespaces_work():
        pytest.skip("this machine lets no process have mounts of its own")
    with FakeWorkspace(tmp_path / "workspace", private_mounts=is_private) as workspace:
        yield workspace


@pytest.fixture
def client(workspace: FakeWorkspace, tmp_path: Path) -> SdkClient:
    return SdkClient(workspace, tmp_path)
