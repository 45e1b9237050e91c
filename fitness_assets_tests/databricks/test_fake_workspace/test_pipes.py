"""The stock Pipes clients of dagster-databricks work against the workspace, in each form of compute."""

import os
from pathlib import Path
from typing import Any

import pytest
from dagster import AssetExecutionContext, DagsterInstance, MaterializeResult, asset, materialize
from dagster_databricks import PipesDatabricksClient
from dagster_databricks.pipes import (
    PipesDatabricksServerlessClient,
    PipesUnityCatalogVolumesContextInjector,
    PipesUnityCatalogVolumesMessageReader,
)
from databricks.sdk.service import compute, jobs

from fitness_assets_tests.databricks.fake_workspace import build_wheel
from fitness_assets_tests.databricks.test_fake_workspace.sdk_client import SdkClient

pytestmark = pytest.mark.programs

CODE = """
import os
from dagster_pipes import (
    PipesCliArgsParamsLoader,
    PipesEnvVarParamsLoader,
    PipesUnityCatalogVolumesContextLoader,
    PipesUnityCatalogVolumesMessageWriter,
    open_dagster_pipes,
)

def main():
    is_by_environment = "DAGSTER_PIPES_CONTEXT" in os.environ
    with open_dagster_pipes(
        params_loader=PipesEnvVarParamsLoader() if is_by_environment else PipesCliArgsParamsLoader(),
        context_loader=PipesUnityCatalogVolumesContextLoader(),
        message_writer=PipesUnityCatalogVolumesMessageWriter(interval=0.1),
    ) as pipes:
        exists = os.path.exists(pipes.get_extra("landing"))
        pipes.report_asset_materialization(metadata={"pid": os.getpid(), "rows": 7, "landing is there": exists})
"""


@pytest.mark.parametrize("form", ["new", "existing", "serverless"])
def test_what_the_wheel_reports_is_what_dagster_records(client: SdkClient, tmp_path: Path, form: str) -> None:
    wheel = build_wheel(tmp_path, "reporter", CODE)
    client.wheel = f"{client.volume}/{wheel.name}"
    with wheel.open("rb") as content:
        client.api.files.upload(client.wheel, content)
    fields: dict[str, Any] = {} if form == "serverless" else {"libraries": [compute.Library(whl=client.wheel)]}
    task = client.task(compute_form=form, python_wheel_task=jobs.PythonWheelTask("reporter", "main"), **fields)

    @asset
    def remote(context: AssetExecutionContext) -> MaterializeResult:
        injector = PipesUnityCatalogVolumesContextInjector(client=client.api, volume_path=client.volume)
        reader = PipesUnityCatalogVolumesMessageReader(
            interval=0.1, client=client.api, volume_path=client.volume, include_stdio_in_messages=False
        )
        arguments: dict[str, Any] = {"context": context, "task": task, "extras": {"landing": client.volume}}
        options: dict[str, Any] = {"context_injector": injector, "message_reader": reader, "poll_interval_seconds": 0.1}
        if form == "serverless":
            pipes = PipesDatabricksServerlessClient(client.api, client.volume, **options)
            invocation = pipes.run(**arguments, submit_args={"environments": client.environments()})
        else:
            invocation = PipesDatabricksClient(client.api, **options).run(**arguments)
        return invocation.get_materialize_result(implicit_materialization=False)

    result = materialize([remote], instance=DagsterInstance.ephemeral())
    [run] = client.workspace.runs.values()
    [materialization] = result.asset_materializations_for_node("remote")
    assert materialization.metadata["rows"].value == 7 and materialization.metadata["landing is there"].value is True
    assert materialization.metadata["pid"].value == run.tasks[0].pid != os.getpid()
    assert materialization.metadata["Databricks Job Run ID"].value == str(run.run_id)
    assert not list(client.workspace.local_path(f"{client.volume}/tmp").iterdir())
