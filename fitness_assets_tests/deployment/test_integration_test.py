"""run-integration-test.sh against a deployed job whose task runs in another process, with the parameters of the job."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fitness_assets.contracts.registry import all_tables
from fitness_assets_tests.deployment.emulator import Emulator
from fitness_assets_tests.deployment.test_deploy import deployed
from fitness_assets_tests.deployment.tools import ROOT

SCRIPT = ROOT / "deployment" / "run-integration-test.sh"

# A task that says of each table what the remote entry point says of it: one line.
REPORTING = """
import sys, time
asked = dict(word.removeprefix("--").split("=", 1) for word in sys.argv[1:])
assert asked["catalog"] == asked["env"], asked
assert asked["mode"] == "stream" or asked["sample"] == str(asked["env"] == "qa").lower(), asked
print("starting", asked["mode"], flush=True)
if asked["mode"] == "stream":
    print("Interval 1:", asked["seconds"], "s", flush=True)
    sys.exit({streamed})
for table in {tables!r}:
    print(f"PASS {{table}} 7 rows in {{asked['catalog']}}", flush=True)
{then}
"""


def task(folder: Path, says: list[str], then: str = "", streamed: int = 0) -> list[str]:
    script = folder / "task.py"
    script.write_text(REPORTING.format(tables=says, then=then, streamed=streamed), encoding="utf-8")
    return [sys.executable, str(script)]


def outcome(artifact: Path, environment: dict[str, str], *options: str) -> "subprocess.CompletedProcess[str]":
    command = [SCRIPT, artifact, "qa", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def deployment(artifact: Path, workspace: Emulator, environment: dict[str, str]) -> Emulator:
    deployed(artifact, "qa", environment)
    return workspace


def test_a_result_is_printed_for_each_table(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployed(artifact, "dev", environment)
    deployment.task = task(tmp_path, list(all_tables()))
    done = outcome(artifact, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    for table in all_tables():
        assert f"  PASS {table} 7 rows in qa\n" in done.stdout
    assert done.stdout.endswith("The integration test of qa has passed.\n")
    assert len(deployment.runs) == 1


def test_a_task_that_fails_fails_the_test_and_shows_what_it_said(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.task = task(tmp_path, list(all_tables()), "sys.exit('silver_db.users lost two rows')")
    done = outcome(artifact, environment)
    assert done.returncode == 1
    assert "  silver_db.users lost two rows\n" in done.stdout
    assert "stream_test: SKIPPED" in done.stdout
    assert "FAILED: the run ended as FAILED" in done.stderr
    assert "task batch_test ended as FAILED" in done.stderr
    assert f"{deployment.host}/run/1" in done.stderr, "Where to look is part of the message."


def test_a_table_that_failed_fails_a_run_that_calls_itself_a_success(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.task = task(tmp_path, list(all_tables()), "print('FAIL silver_db.users two rows are lost')")
    done = outcome(artifact, environment)
    assert done.returncode == 1
    assert "  FAIL silver_db.users two rows are lost\n" in done.stdout
    assert "FAILED: silver_db.users failed" in done.stderr


def test_a_stream_that_fails_fails_the_test(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.task = task(tmp_path, list(all_tables()), streamed=1)
    done = outcome(artifact, environment)
    assert done.returncode == 1
    assert "batch_test: SUCCESS" in done.stdout
    assert "task stream_test ended as FAILED" in done.stderr


def test_a_table_that_says_nothing_fails_a_run_that_calls_itself_a_success(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.task = task(tmp_path, [table for table in all_tables() if table != "gold_db.gym_summary"])
    done = outcome(artifact, environment)
    assert done.returncode == 1
    assert "NO RESULT gold_db.gym_summary" in done.stdout
    assert "no result for gold_db.gym_summary" in done.stderr


def test_a_run_that_ran_nothing_is_no_success(
    artifact: Path, deployment: Emulator, environment: dict[str, str]
) -> None:
    assert not deployment.task, "The emulator itself skips the task and reports the run as success."
    done = outcome(artifact, environment)
    assert done.returncode == 1
    assert "task batch_test ended as SKIPPED" in done.stderr


def test_a_run_that_was_cancelled_is_no_success(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.task = task(tmp_path, list(all_tables()), "time.sleep(60)")
    with subprocess.Popen([SCRIPT, artifact, "qa"], env=environment, stderr=subprocess.PIPE, text=True) as going:
        _wait_for_a_run(deployment)
        deployment.runs[1].cancel()
        assert going.stderr is not None
        assert "the run ended as CANCELED" in going.stderr.read()
    assert going.returncode == 1


def test_a_test_that_is_ended_cancels_its_run(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.task = task(tmp_path, list(all_tables()), "time.sleep(60)")
    with subprocess.Popen([SCRIPT, artifact, "qa"], env=environment, stderr=subprocess.PIPE, text=True) as going:
        _wait_for_a_run(deployment)
        os.kill(going.pid, signal.SIGTERM)
        assert going.stderr is not None
        assert "Ended by SIGTERM" in going.stderr.read()
    assert going.returncode == 1
    assert deployment.runs[1].cancelled


def test_a_run_whose_test_was_killed_is_waited_for(
    artifact: Path, deployment: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    deployment.task = task(tmp_path, list(all_tables()), "time.sleep(60)")
    with subprocess.Popen([SCRIPT, artifact, "qa"], env=environment, start_new_session=True) as going:
        _wait_for_a_run(deployment)
        os.killpg(going.pid, signal.SIGKILL)
    deployment.task = task(tmp_path, list(all_tables()))
    done = outcome(artifact, environment)
    deployment.runs[1].cancel()
    assert done.returncode == 0, done.stderr
    assert "Run 1 of an earlier test is still going on" in done.stdout


def test_without_a_deploy_the_test_says_what_is_missing(
    artifact: Path, workspace: Emulator, environment: dict[str, str]
) -> None:
    done = outcome(artifact, environment)
    assert done.returncode == 1
    assert "Has deploy.sh been run?" in done.stderr


def test_wrong_use_is_told(artifact: Path, environment: dict[str, str]) -> None:
    assert outcome(artifact, environment, "--minutes", "soon").returncode == 2
    nothing = subprocess.run([SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert nothing.returncode == 2
    assert "usage:" in nothing.stderr


def _wait_for_a_run(workspace: Emulator) -> None:
    until = time.monotonic() + 60
    while not workspace.runs or "starting" not in workspace.runs[1].said(0):
        assert time.monotonic() < until, "No run was started."
        time.sleep(0.05)
