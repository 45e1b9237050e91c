"""A platform whose updates run on a workspace: Dagster here, under the settings that say so."""

from contextlib import nullcontext
from pathlib import Path

import pytest
from dagster import AssetSelection, DagsterInstance, ExecuteInProcessResult, materialize

from fitness_assets.defs.asset_keys import table_asset_key
from fitness_assets.defs.assets.table_assets import table_assets
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource
from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace
from fitness_assets_tests.databricks.fake_workspace.another_spark import software
from fitness_assets_tests.databricks.fake_workspace.another_spark.server import CATALOG
from fitness_assets_tests.platform import AS_OF


class RemotePlatform:
    """Dagster here, updates on the workspace.

    Attributes:
        landing_zone, checkpoint_zone, messages: the folders behind the volumes.
    """

    def __init__(self, workspace: FakeWorkspace, monkeypatch: pytest.MonkeyPatch, wheel: Path, tables: Path) -> None:
        self.workspace = workspace
        self._monkeypatch = monkeypatch
        self.landing_zone = workspace.local_path(workspace.create_volume(CATALOG, "bronz_db", "landing_zone"))
        self.checkpoint_zone = workspace.local_path(workspace.create_volume(CATALOG, "bronz_db", "checkpoint_zone"))
        self.messages = workspace.local_path(workspace.create_volume(CATALOG, "bronz_db", "pipes_messages"))
        self.set_env(
            FITNESS_TARGET="databricks",
            DATABRICKS_HOST=workspace.host,
            DATABRICKS_TOKEN=workspace.token,
            FITNESS_CATALOG=CATALOG,
            FITNESS_TABLES_LOCATION=str(tables),
            FITNESS_WHEEL=str(wheel),
            # No workspace of the tests reaches a registry.
            FITNESS_WHEELS=str(software.wheels()) if workspace.another_spark else "",
            FITNESS_AS_OF=AS_OF.isoformat(),
            FITNESS_POLL_SECONDS="0.2",
            FITNESS_PATIENCE_SECONDS="30",
        )

    def set_env(self, **settings: str) -> None:
        for name, value in settings.items():
            self._monkeypatch.setenv(name, value)

    def choose_compute(self, form: str) -> None:
        """Choose one of the three forms of compute."""
        self.set_env(FITNESS_COMPUTE=form, FITNESS_CLUSTER_ID=self.workspace.create_cluster("shared"))

    def materialize(
        self, *names: str, raises: bool = True, instance: DagsterInstance | None = None
    ) -> ExecuteInProcessResult:
        """Materialize the tables as a click does, in a Dagster of its own unless one is given."""
        selection = AssetSelection.assets(*[table_asset_key(name) for name in names]) if names else None
        with nullcontext(instance) if instance else DagsterInstance.ephemeral() as instance:
            spark = SparkResource()
            return materialize(
                [table_assets()],
                instance=instance,
                selection=selection,
                resources={"spark": spark, "lakehouse": LakehouseResource(spark=spark)},
                raise_on_error=raises,
            )
