"""Both Azure pipelines and their likes on GitHub: against the published schemas, and every script of them run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from fitness_assets.contracts.registry import all_tables
from fitness_assets_tests.deployment.azure_pipelines import (
    PipelineAgent,
    load_expanded,
    load_pipeline,
    script_steps,
)
from fitness_assets_tests.deployment.deploys import deploy_successfully, require_complete, run_deploy
from fitness_assets_tests.deployment.emulator import (
    CLIENT_ID,
    DEVOPS_PATH,
    GITHUB_PATH,
    IDENTITY_TOKEN,
    PIPELINE_TOKEN,
    TOKEN,
    Emulator,
)
from fitness_assets_tests.deployment.stub_task import stub_task
from fitness_assets_tests.deployment.tools import ROOT

pytestmark = pytest.mark.programs

BUILD, RELEASE = ROOT / "azure_build_pipeline.yaml", ROOT / "azure_release_pipeline.yaml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))


def schema_errors(tools: Path, schema: str, file: Path) -> str:
    command = [tools / "check-jsonschema", "--regex-variant", "python", "--builtin-schema", schema, file]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if process.returncode == 0 else process.stdout + process.stderr


def azure_schema_errors(tools: Path, pipeline: Any, folder: Path) -> str:
    file = folder / "pipeline.json"
    file.write_text(json.dumps(pipeline), encoding="utf-8")
    return schema_errors(tools, "vendor.azure-pipelines", file)


@pytest.mark.parametrize("file", [BUILD, RELEASE], ids=lambda file: file.stem)
def test_a_pipeline_is_as_the_schema_of_azure_pipelines_says(file: Path, tool_folder: Path, tmp_path: Path) -> None:
    assert not azure_schema_errors(tool_folder, load_pipeline(file), tmp_path)
    assert not azure_schema_errors(tool_folder, load_expanded(file), tmp_path), "With its templates in their places."


def test_the_schema_finds_a_slip_of_the_pen(tool_folder: Path, tmp_path: Path) -> None:
    pipeline = load_pipeline(BUILD)
    pipeline["steps"][0]["chekout"] = pipeline["steps"][0].pop("checkout")
    assert azure_schema_errors(tool_folder, pipeline, tmp_path)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_is_as_the_schema_of_github_says(file: Path, tool_folder: Path) -> None:
    assert not schema_errors(tool_folder, "vendor.github-workflows", file)


def test_the_workflows_run_the_scripts_of_the_pipelines() -> None:
    """So that what is true of the ones, which the tests run, is true of the others."""

    def normalized(script: str) -> list[str]:
        for name in ("PYTHON_VERSION", "TEST_ARGUMENTS", "RELEASE", "ARTIFACT", "DATABRICKS_CLI"):
            script = script.replace(f"$({name})", f"${name}")
        script = script.replace("$(Build.ArtifactStagingDirectory)", "$RUNNER_TEMP")
        script = script.replace(' --junitxml="$(Common.TestResultsDirectory)/tests.xml"', "").replace("\\\n", " ")
        lines = [" ".join(line.replace('"', "").split()) for line in script.splitlines()]
        return [line for line in lines if not line.startswith(("set ", "#"))]

    def steps(name: str) -> list[list[str]]:
        workflow = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text())
        return [normalized(step["run"]) for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]

    assert steps("build.yaml") == [normalized(step["bash"]) for step in script_steps(load_expanded(BUILD))]
    release = load_expanded(RELEASE, compute="$COMPUTE", deployOptions="$DEPLOY_OPTIONS")["stages"][0]
    assert steps("release_target.yaml") == [
        normalized(step["bash"].replace(" qa", " $TARGET")) for step in script_steps(release)
    ]


def test_the_pipelines_have_no_secret_and_their_token_reaches_only_the_steps_that_need_it() -> None:
    pipeline = load_expanded(RELEASE)
    for stage in pipeline["stages"]:
        (job,) = stage["jobs"]
        assert job["variables"] == [{"group": f"fitness_assets-{stage['stage']}"}]
        assert job["environment"] == f"fitness_assets-{stage['stage']}", "Where the approval hangs."
        steps_with_secrets = [step["displayName"] for step in script_steps(stage) if "env" in step]
        assert steps_with_secrets == [f"Deploy to {stage['stage']}", f"Integration test on {stage['stage']}"]
        for step in script_steps(stage)[-2:]:
            names = {"DATABRICKS_AUTH_TYPE": "azure-devops-oidc", "SYSTEM_ACCESSTOKEN": "$(System.AccessToken)"}
            assert step["env"] == names
    assert pipeline["stages"][1]["dependsOn"] == "qa"
    for file in [BUILD, RELEASE, ROOT / "deployment" / "azure_release_steps.yaml", *WORKFLOWS]:
        assert "https://" not in file.read_text(), "No address of a workspace stands in a file."
        assert "secrets." not in file.read_text() and "CLIENT_SECRET" not in file.read_text(), file


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A clone of the repository with what is not yet committed."""
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def create_agent(tmp_path: Path, checkout: Path, environment: dict[str, str]) -> PipelineAgent:
    """An agent with the Python that the pipelines ask for, where this machine has it."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    of_pyenv = next((str(path) for path in pyenv.glob("3.10.*/bin/python")), sys.executable)
    programs = tmp_path / "tool_cache"
    programs.mkdir()
    (programs / "python3").symlink_to(shutil.which("python3.10") or of_pyenv)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return PipelineAgent(tmp_path / "agent", checkout, {**environment, "PATH": path})


def become_pipeline(agent: PipelineAgent, workspace: Emulator) -> None:
    """What Azure DevOps gives each step, and the variable group of the target."""
    agent.variables |= {"DATABRICKS_HOST": workspace.host, "DATABRICKS_CLIENT_ID": CLIENT_ID}
    agent.variables |= {
        "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI": f"{workspace.host}{DEVOPS_PATH}/",
        "SYSTEM_TEAMPROJECTID": "project",
        "SYSTEM_HOSTTYPE": "build",
        "SYSTEM_PLANID": "plan",
        "SYSTEM_JOBID": "job",
    }
    agent.secrets["System.AccessToken"] = PIPELINE_TOKEN


def test_every_script_of_the_build_pipeline_runs_and_leaves_the_artifact(scratch: Path, tmp_path: Path) -> None:
    if os.environ.get("FITNESS_REQUIRE_SERVERS") != "1":
        pytest.skip("It sets up the project once more, which takes minutes: FITNESS_REQUIRE_SERVERS=1 runs it.")
    pipeline = load_expanded(BUILD)
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    agent = create_agent(tmp_path, scratch, {"HOME": str(Path.home()), "XDG_CACHE_HOME": cache})
    agent.variables |= pipeline["variables"]
    agent.variables["TEST_ARGUMENTS"] = "fitness_assets_tests/test_architecture.py"
    for step in script_steps(pipeline):
        process = agent.run(step)
        assert process.returncode == 0, f"{step['displayName']}: {process.stdout[-3000:]}{process.stderr[-3000:]}"
    assert 'failures="0"' in Path(agent.expand("$(Common.TestResultsDirectory)/tests.xml")).read_text()
    artifact = agent.expand(pipeline["steps"][-1]["inputs"]["targetPath"])
    inside = subprocess.run(["unzip", "-Z1", artifact], capture_output=True, text=True, check=True).stdout.splitlines()
    assert {"databricks.yml", "deployment/deploy.sh", "tables.txt"} <= set(inside)


def test_every_script_of_the_release_pipeline_runs_and_brings_the_artifact_to_production(
    artifact: Path, workspace: Emulator, environment: dict[str, str], cli: Path, tmp_path: Path
) -> None:
    pipeline = load_expanded(RELEASE)
    workspace.job_runs.command = stub_task(tmp_path, list(all_tables()))
    empty_checkout = tmp_path / "empty"
    empty_checkout.mkdir()
    agent = create_agent(tmp_path, empty_checkout, {"HOME": str(tmp_path), "FITNESS_POLL_SECONDS": "0.1"})
    agent.variables |= pipeline["variables"]
    become_pipeline(agent, workspace)
    agent_artifact = Path(agent.expand("$(ARTIFACT)"))
    agent_artifact.parent.mkdir(parents=True)
    shutil.copy2(artifact, agent_artifact)
    agent_cli = Path(agent.expand("$(DATABRICKS_CLI)"))
    agent_cli.parent.mkdir(parents=True)
    shutil.copy2(cli, agent_cli)
    for stage in pipeline["stages"]:
        for step in script_steps(stage):
            process = agent.run(step)
            assert process.returncode == 0, f"{step['displayName']}: {process.stdout}{process.stderr}"
            for token in (PIPELINE_TOKEN, IDENTITY_TOKEN, TOKEN):
                assert token not in process.stdout + process.stderr
        require_complete(workspace, stage["stage"])
    assert len(workspace.job_runs.runs) == 2


def test_a_deploy_on_github_is_the_workflow_that_the_workspace_trusts(
    artifact: Path, workspace: Emulator, environment: dict[str, str]
) -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release_target.yaml").read_text())
    assert workflow["permissions"]["id-token"] == "write"
    steps = [step for step in workflow["jobs"]["release"]["steps"] if "DATABRICKS_AUTH_TYPE" in step.get("env", {})]
    assert [step["name"] for step in steps] == ["Deploy", "Integration test"]
    trusted = {name: value for name, value in environment.items() if name != "DATABRICKS_CLIENT_SECRET"}
    trusted |= {
        **steps[0]["env"],
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{workspace.host}{GITHUB_PATH}?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": PIPELINE_TOKEN,
    }
    deploy_successfully(artifact, "qa", trusted)
    require_complete(workspace, "qa")
    refused = run_deploy(artifact, "qa", {**trusted, "DATABRICKS_CLIENT_ID": "another"})
    assert refused.returncode == 1 and "No policy fits the token" in refused.stderr


def test_a_failed_integration_test_stops_the_release_before_production(
    artifact: Path, workspace: Emulator, environment: dict[str, str], tmp_path: Path
) -> None:
    workspace.job_runs.command = stub_task(tmp_path, list(all_tables()), "sys.exit(1)")
    agent = create_agent(tmp_path, tmp_path, environment)
    agent.variables |= {"ARTIFACT": str(artifact), "RELEASE": str(ROOT)}
    become_pipeline(agent, workspace)
    *_, deploy, test = script_steps(load_expanded(RELEASE)["stages"][0])
    assert agent.run(deploy).returncode == 0
    assert agent.run(test).returncode == 1
