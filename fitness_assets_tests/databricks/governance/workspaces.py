"""The workspace of a test, as governance knows it."""

from typing import Any

from databricks.sdk.core import Config

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.governance.governed_workspace import GovernedWorkspace
from fitness_assets.databricks.workspace import Workspace
from fitness_assets_tests.databricks.governance.fake_catalog.server import FakeServer

GYMS: dict[str, frozenset[int] | None] = {"fitness_gym_5": frozenset({5}), "fitness_all_gyms": None}


def governed_workspace(
    server: FakeServer, environment: str = "dev", rotate: bool = False, **declared: Any
) -> GovernedWorkspace:
    """The workspace beside its declaration.

    Args:
        declared: what else the declaration says, as `Workspace` names it.
    """
    config = Config(host=server.host, token="secret-token", retry_timeout_seconds=1)
    workspace = Workspace(environment, environment, "warehouse-1", gyms=GYMS, **declared)
    return GovernedWorkspace(Client(config, retry_seconds=2), workspace, rotate)
