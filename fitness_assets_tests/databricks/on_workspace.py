"""The settings under which Dagster here has its updates on a workspace."""

from contextlib import nullcontext
from pathlib import Path

import pytest
from dagster import AssetSelection, DagsterInstance, ExecuteInProcessResult, materialize

from fitness_assets.defs.assets import table_assets
from fitness_assets.defs.describe import key_of
from fitness_assets.resources.platform import LakehouseResource, SparkResource
from fitness_assets_tests.databricks.workspace import Workspace
from fitness_assets_tests.platform import AS_OF

CATALOG = "spark_catalog"


class OnWorkspace:
    """Dagster here, updates on the workspace."""

    def __init__(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, wheel: Path, tables: Path) -> None:
        self.workspace = workspace
        self._monkeypatch = monkeypatch
        self.landing_zone = workspace.path(workspace.make_volume(CATALOG, "bronz_db", "landing_zone"))
        self.checkpoint_zone = workspace.path(workspace.make_volume(CATALOG, "bronz_db", "checkpoint_zone"))
        self.messages = workspace.path(workspace.make_volume(CATALOG, "bronz_db", "pipes_messages"))
        self.set(
            FITNESS_TARGET="databricks",
            DATABRICKS_HOST=workspace.host,
            DATABRICKS_TOKEN=workspace.token,
            FITNESS_CATALOG=CATALOG,
            FITNESS_TABLES_LOCATION=str(tables),
            FITNESS_WHEEL=str(wheel),
            FITNESS_AS_OF=AS_OF.isoformat(),
            FITNESS_POLL_SECONDS="0.2",
            FITNESS_PATIENCE_SECONDS="30",
        )

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self._monkeypatch.setenv(name, value)

    def compute(self, form: str) -> None:
        """Choose one of the three forms of compute."""
        self.set(FITNESS_COMPUTE=form, FITNESS_CLUSTER_ID=self.workspace.add_cluster("shared"))

    def click(
        self, *names: str, raises: bool = True, instance: DagsterInstance | None = None
    ) -> ExecuteInProcessResult:
        """Materialize the tables as a click does, in a Dagster of its own unless one is given."""
        selection = AssetSelection.assets(*[key_of(name) for name in names]) if names else None
        with nullcontext(instance) if instance else DagsterInstance.ephemeral() as instance:
            spark = SparkResource()
            return materialize(
                [table_assets()],
                instance=instance,
                selection=selection,
                resources={"spark": spark, "lakehouse": LakehouseResource(spark=spark)},
                raise_on_error=raises,
            )
