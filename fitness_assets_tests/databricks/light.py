"""A wheel that tells what ours tells and does nothing: for tests of what lies between it and Dagster."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, OpExecutionContext, in_process_executor, job, op
from dagster._core.pipes import utils

from fitness_assets.contracts.registry import all_tables
from fitness_assets.databricks import patience
from fitness_assets.databricks.settings import DatabricksSettings
from fitness_assets.databricks.submission import Work
from fitness_assets.databricks.updates import told_by_workspace
from fitness_assets.pipeline.quality.checks import CheckResult, check_descriptions
from fitness_assets_tests.databricks.on_workspace import OnWorkspace
from fitness_assets_tests.databricks.workspace import Workspace, build_wheel

LIGHT = """
import json, os, sys, time
from dagster_pipes import PipesCliArgsParamsLoader, PipesUnityCatalogVolumesContextLoader
from dagster_pipes import PipesUnityCatalogVolumesMessageWriter, open_dagster_pipes

def main():
    given = dict(a[2:].split("=", 1) for a in sys.argv[1:] if a.startswith("--") and "=" in a)
    with open("/Volumes/spark_catalog/bronz_db/pipes_messages/executed", "a") as file:
        file.write(f"{os.getpid()}\\n")
    if "--dagster-pipes-context" not in sys.argv:
        return
    with open_dagster_pipes(
        params_loader=PipesCliArgsParamsLoader(),
        context_loader=PipesUnityCatalogVolumesContextLoader(),
        message_writer=PipesUnityCatalogVolumesMessageWriter(interval=0),
    ) as pipes:
        with open("/Volumes/spark_catalog/bronz_db/pipes_messages/checks") as file:
            checks = json.load(file)
        for name in [one for one in checks if one in given["tables"].split(",")]:
            result = {"table": name, "mode": "unchanged", "version": os.getpid(), "rows": 0, "told": []}
            told = {"table": name, "result": result, "checks": checks[name]}
            told |= {"error": None, "trace": "", "held_back_by": None}
            if os.path.exists(f"/Volumes/spark_catalog/bronz_db/pipes_messages/forget_{name}"):
                continue
            pipes.report_custom_message({"kind": "outcome", **told})
        if os.path.exists("/Volumes/spark_catalog/bronz_db/pipes_messages/linger"):
            time.sleep(600)
"""


@contextmanager
def light_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OnWorkspace]:
    monkeypatch.setattr(patience, "_FIRST_PAUSE_SECONDS", 0.05)
    # For so long Dagster waits for the last words of a run that did not say that they were the last.
    monkeypatch.setattr(utils, "WAIT_FOR_LOGS_AFTER_EXECUTION_INTERVAL", 1)
    wheel = build_wheel(tmp_path, "fitness_assets", LIGHT, entry_point="fitness-assets-remote")
    with Workspace(tmp_path / "workspace", private_mounts=True) as workspace:
        on = OnWorkspace(workspace, monkeypatch, wheel, tmp_path / "tables")
        checks = {
            name: [asdict(CheckResult(check, True, said)) for check, said in check_descriptions(one).items()]
            for name, one in all_tables().items()
        }
        (on.messages / "checks").write_text(json.dumps(checks))
        yield on


def executed(on: OnWorkspace) -> list[str]:
    """The processes that truly ran."""
    file = on.messages / "executed"
    return file.read_text().splitlines() if file.exists() else []


def in_a_step(use: Callable[[Iterator[Any]], Any]) -> None:
    """Do something in a step of Dagster with what a run on the workspace tells."""

    @op
    def step(context: OpExecutionContext) -> None:
        use(told_by_workspace(context, Work("once", ["silver_db.users"]), DatabricksSettings.from_env(), "one"))

    @job(executor_def=in_process_executor)
    def steps() -> None:
        step()

    steps.execute_in_process(instance=DagsterInstance.ephemeral())
