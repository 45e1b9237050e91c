"""A wheel that reports what ours reports and does nothing: for tests of what lies between it and Dagster."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, OpExecutionContext, in_process_executor, job, op

# How long Dagster waits for the last messages of a run is a constant of this module and no parameter.
from dagster._core.pipes import utils

from fitness_assets.contracts.registry import all_tables
from fitness_assets.databricks import retry
from fitness_assets.databricks.runs.job_spec import JobRequest
from fitness_assets.databricks.runs.remote_updates import run_on_workspace
from fitness_assets.pipeline.quality.checks import check_descriptions
from fitness_assets.pipeline.result import CheckResult
from fitness_assets.settings.databricks import DatabricksSettings
from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace, build_wheel
from fitness_assets_tests.databricks.remote_platform import RemotePlatform

STUB_CODE = """
import hashlib, json, os, sys, time
from dagster_pipes import PipesBlobStoreMessageWriter, PipesBlobStoreMessageWriterChannel
from dagster_pipes import PipesCliArgsParamsLoader, PipesUnityCatalogVolumesContextLoader, open_dagster_pipes

class Channel(PipesBlobStoreMessageWriterChannel):
    def __init__(self, folder):
        super().__init__(interval=0)
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def upload_messages_chunk(self, payload, index):
        content = payload.read().encode()
        with open(f"{self.folder}/{index}.json", "wb") as file:
            file.write(content + hashlib.sha256(content).digest())

class Writer(PipesBlobStoreMessageWriter):
    def make_channel(self, params):
        return Channel(f"{params['path']}/{parameters['attempt']}")

parameters = dict(a[2:].split("=", 1) for a in sys.argv[1:] if a.startswith("--") and "=" in a)

def main():
    os.makedirs("/Volumes/dev/bronz_db/pipes_messages/executed", exist_ok=True)
    with open(f"/Volumes/dev/bronz_db/pipes_messages/executed/{time.time_ns()}", "w") as file:
        file.write(str(os.getpid()))
    if os.path.exists("/Volumes/dev/bronz_db/pipes_messages/fail"):
        raise ValueError("the wheel is unhappy")
    if "--dagster-pipes-context" not in sys.argv:
        return
    with open_dagster_pipes(
        params_loader=PipesCliArgsParamsLoader(),
        context_loader=PipesUnityCatalogVolumesContextLoader(),
        message_writer=Writer(),
    ) as pipes:
        with open("/Volumes/dev/bronz_db/pipes_messages/checks") as file:
            checks = json.load(file)
        if parameters["mode"] == "stream":
            pipes.report_custom_message({"kind": "interval", "number": 1, "seconds": 0.5, "outcomes": []})
        for name in [name for name in checks if name in parameters.get("tables", "").split(",")]:
            result = {"table": name, "mode": "unchanged", "version": os.getpid(), "rows": 0, "warnings": []}
            outcome = {"table": name, "result": result, "checks": checks[name]}
            outcome |= {"error": None, "trace": "", "held_back_by": None}
            if os.path.exists(f"/Volumes/dev/bronz_db/pipes_messages/skip_{name}"):
                continue
            pipes.report_custom_message({"kind": "outcome", **outcome})
            fails = os.path.exists("/Volumes/dev/bronz_db/pipes_messages/fail_once")
            if fails and parameters["attempt"] == "1":
                raise SystemExit("the first attempt fails after it has reported a table")
        if os.path.exists("/Volumes/dev/bronz_db/pipes_messages/hang"):
            time.sleep(600)
"""


@contextmanager
def stub_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RemotePlatform]:
    monkeypatch.setattr(retry, "_FIRST_PAUSE_SECONDS", 0.05)
    # For so long Dagster waits for the last messages of a run that did not say that they were the last.
    monkeypatch.setattr(utils, "WAIT_FOR_LOGS_AFTER_EXECUTION_INTERVAL", 1)
    wheel = build_wheel(tmp_path, "fitness_assets", STUB_CODE, entry_point="fitness-assets-remote")
    with FakeWorkspace(tmp_path / "workspace", private_mounts=True) as workspace:
        remote = RemotePlatform(workspace, monkeypatch, wheel, tmp_path / "tables")
        checks = {
            name: [
                asdict(CheckResult(check, True, description))
                for check, description in check_descriptions(table).items()
            ]
            for name, table in all_tables().items()
        }
        (remote.messages / "checks").write_text(json.dumps(checks))
        yield remote


def executed_pids(remote: RemotePlatform) -> list[str]:
    """The processes that truly ran."""
    return [file.read_text() for file in sorted((remote.messages / "executed").glob("*"))]


def run_in_step(use: Callable[[Iterator[Any]], Any]) -> None:
    """Do something in a step of Dagster with what a run on the workspace reports."""
    request = JobRequest("once", ["silver_db.users"])
    execute_step(lambda context: use(run_on_workspace(context, request, DatabricksSettings.from_env(), "one")))


def execute_step(body: Callable[[OpExecutionContext], Any]) -> None:
    """Do something in a step of Dagster."""

    @op
    def step(context: OpExecutionContext) -> None:
        body(context)

    @job(executor_def=in_process_executor)
    def steps() -> None:
        step()

    steps.execute_in_process(instance=DagsterInstance.ephemeral())
