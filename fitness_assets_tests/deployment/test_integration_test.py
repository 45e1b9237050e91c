"""run-integration-test.sh against a deployed job whose task runs in another process, with the parameters of the job."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from fitness_assets.contracts.registry import all_tables
from fitness_assets_tests.deployment.deploys import deploy_successfully
from fitness_assets_tests.deployment.emulator import Emulator
from fitness_assets_tests.deployment.stub_task import stub_task
from fitness_assets_tests.deployment.tools import ROOT

pytestmark = pytest.mark.programs

SCRIPT = ROOT / "deployment" / "run-integration-test.sh"


def run_integration_test(
    artifact: Path, environment: dict[str, str], *options: str
) -> "subprocess.CompletedProcess[str]":
    command = [SCRIPT, artifact, "qa", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def deployment(artifact: Path, workspace: Emulator, environment: dict[str, str]) -> Emulator:
    deploy_successfully(artifact, "qa", environment)
    return workspace


def test_a_result_is_printed_for_each_table(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deploy_successfully(artifact, "dev", environment)
    deployment.job_runs.command = stub_task(tmp_path, list(all_tables()))
    process = run_integration_test(artifact, environment)
    assert process.returncode == 0, process.stdout + process.stderr
    for table in all_tables():
        assert f"  PASS {table} 7 rows in qa\n" in process.stdout
    assert process.stdout.endswith("The integration test of qa has passed.\n")
    assert len(deployment.job_runs.runs) == 1


def test_a_task_that_fails_fails_the_test_and_shows_what_it_said(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.job_runs.command = stub_task(tmp_path, list(all_tables()), "sys.exit('silver_db.users lost two rows')")
    process = run_integration_test(artifact, environment)
    assert process.returncode == 1
    assert "  silver_db.users lost two rows\n" in process.stdout
    assert "stream_test: SKIPPED" in process.stdout
    assert "FAILED: the run ended as FAILED" in process.stderr
    assert "task batch_test ended as FAILED" in process.stderr
    assert f"{deployment.host}/run/1" in process.stderr, "Where to look is part of the message."


def test_a_table_that_failed_fails_a_run_that_calls_itself_a_success(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.job_runs.command = stub_task(
        tmp_path, list(all_tables()), "print('FAIL silver_db.users two rows are lost')"
    )
    process = run_integration_test(artifact, environment)
    assert process.returncode == 1
    assert "  FAIL silver_db.users two rows are lost\n" in process.stdout
    assert "FAILED: silver_db.users failed" in process.stderr


def test_a_stream_that_fails_fails_the_test(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.job_runs.command = stub_task(tmp_path, list(all_tables()), stream_exit_code=1)
    process = run_integration_test(artifact, environment)
    assert process.returncode == 1
    assert "batch_test: SUCCESS" in process.stdout
    assert "task stream_test ended as FAILED" in process.stderr


def test_a_table_that_says_nothing_fails_a_run_that_calls_itself_a_success(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.job_runs.command = stub_task(
        tmp_path, [table for table in all_tables() if table != "gold_db.gym_summary"]
    )
    process = run_integration_test(artifact, environment)
    assert process.returncode == 1
    assert "NO RESULT gold_db.gym_summary" in process.stdout
    assert "no result for gold_db.gym_summary" in process.stderr


def test_a_run_that_ran_nothing_is_no_success(
    artifact: Path, deployment: Emulator, environment: dict[str, str]
) -> None:
    assert not deployment.job_runs.command, "The emulator itself skips the task and reports the run as success."
    process = run_integration_test(artifact, environment)
    assert process.returncode == 1
    assert "task batch_test ended as SKIPPED" in process.stderr


def test_a_run_that_was_cancelled_is_no_success(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.job_runs.command = stub_task(tmp_path, list(all_tables()), "time.sleep(60)")
    with subprocess.Popen([SCRIPT, artifact, "qa"], env=environment, stderr=subprocess.PIPE, text=True) as script:
        _wait_for_run(deployment)
        deployment.job_runs.runs[1].cancel()
        assert script.stderr is not None
        assert "the run ended as CANCELED" in script.stderr.read()
    assert script.returncode == 1


def test_a_test_that_is_ended_cancels_its_run(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.job_runs.command = stub_task(tmp_path, list(all_tables()), "time.sleep(60)")
    with subprocess.Popen([SCRIPT, artifact, "qa"], env=environment, stderr=subprocess.PIPE, text=True) as script:
        _wait_for_run(deployment)
        os.kill(script.pid, signal.SIGTERM)
        assert script.stderr is not None
        assert "Ended by SIGTERM" in script.stderr.read()
    assert script.returncode == 1
    assert deployment.job_runs.runs[1].cancelled


def test_a_run_whose_test_was_killed_is_waited_for(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.job_runs.command = stub_task(tmp_path, list(all_tables()), "time.sleep(60)")
    with subprocess.Popen([SCRIPT, artifact, "qa"], env=environment, start_new_session=True) as script:
        _wait_for_run(deployment)
        os.killpg(script.pid, signal.SIGKILL)
    deployment.job_runs.command = stub_task(tmp_path, list(all_tables()))
    process = run_integration_test(artifact, environment)
    deployment.job_runs.runs[1].cancel()
    assert process.returncode == 0, process.stderr
    assert "Run 1 of an earlier test is still going on" in process.stdout


def test_without_a_deploy_the_test_says_what_is_missing(
    artifact: Path, workspace: Emulator, environment: dict[str, str]
) -> None:
    process = run_integration_test(artifact, environment)
    assert process.returncode == 1
    assert "Has deploy.sh been run?" in process.stderr


def test_wrong_use_is_told(artifact: Path, environment: dict[str, str]) -> None:
    assert run_integration_test(artifact, environment, "--minutes", "soon").returncode == 2
    process = subprocess.run([SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert process.returncode == 2
    assert "usage:" in process.stderr


def _wait_for_run(workspace: Emulator) -> None:
    deadline = time.monotonic() + 60
    while not workspace.job_runs.runs or "starting" not in workspace.job_runs.runs[1].output(0):
        assert time.monotonic() < deadline, "No run was started."
        time.sleep(0.05)
