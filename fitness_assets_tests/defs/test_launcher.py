"""A run whose process died with all that watched it: run monitoring ends it, so that nothing waits for it."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance, DagsterRunStatus

# The event by which Dagster's launcher records the process that it started; nothing public writes it.
from dagster._core.events import EngineEventData

from fitness_assets.definitions import defs
from fitness_assets.defs.automation.unfinished_runs import unfinished_update
from fitness_assets.defs.jobs.update_all_tables import update_all_tables
from fitness_assets.defs.launcher import CODE_SERVER_TAG, is_running
from fitness_assets.live.dagster.instance import dagster_home
from fitness_assets.process import is_alive
from fitness_assets.settings import Settings
from fitness_assets_tests.monitoring import status_after_monitoring

HERE = {CODE_SERVER_TAG: json.dumps({"host": "localhost", "socket": "/gone"})}


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[DagsterInstance]:
    """One with our dagster.yaml."""
    with DagsterInstance.from_config(str(dagster_home(Settings(base_dir=tmp_path)))) as instance:
        yield instance


def started(instance: DagsterInstance, pid: int, tags: "dict[str, str] | None" = None) -> str:
    job = defs().resolve_job_def(update_all_tables.name)
    run = instance.create_run_for_job(job, status=DagsterRunStatus.STARTED, tags=tags or HERE)
    instance.report_engine_event(f"Started process for run (pid: {pid}).", run, EngineEventData.in_process(pid))
    return run.run_id


def dead() -> int:
    """The number of a process that ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_a_run_whose_process_is_gone_fails_and_the_sensors_wait_no_longer(instance: DagsterInstance) -> None:
    run = started(instance, dead())
    assert unfinished_update(instance) is not None
    assert status_after_monitoring(instance, run) is DagsterRunStatus.FAILURE
    assert unfinished_update(instance) is None
    messages = [entry.message for entry in instance.all_logs(run)]
    assert any("is gone. What was committed stays; nothing is lost." in message for message in messages)


def test_a_run_whose_process_is_there_goes_on(instance: DagsterInstance) -> None:
    assert status_after_monitoring(instance, started(instance, os.getpid())) is DagsterRunStatus.STARTED


def test_a_run_of_another_machine_is_not_judged_by_the_processes_of_this_one(instance: DagsterInstance) -> None:
    elsewhere = {CODE_SERVER_TAG: json.dumps({"host": "code-server.example", "port": 4000})}
    assert status_after_monitoring(instance, started(instance, dead(), elsewhere)) is DagsterRunStatus.STARTED


def test_a_run_that_was_not_launched_is_not_judged(instance: DagsterInstance) -> None:
    assert status_after_monitoring(instance, started(instance, dead(), {"by": "hand"})) is DagsterRunStatus.STARTED


def test_a_later_process_with_the_same_number_is_not_the_run() -> None:
    assert not is_running(os.getpid(), reported_at=0.0)


def test_without_proc_only_the_number_can_be_looked_for() -> None:
    assert is_alive(os.getpid()) and not is_alive(dead())
