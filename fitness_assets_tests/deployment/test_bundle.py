"""The bundle against what the CLI says of itself: its published schema, and `bundle validate` without a warning."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from fitness_assets.contracts.registry import all_tables
from fitness_assets.databricks.runs import entrypoint
from fitness_assets_tests.deployment.emulator import Emulator
from fitness_assets_tests.deployment.tools import ROOT

pytestmark = pytest.mark.programs

BUNDLE_FILES = sorted(
    [
        ROOT / "databricks.yml",
        *(ROOT / "deployment" / f"{name}.yml" for name in ("dashboard", "lakeflow", "run_as", "budget")),
        *(ROOT / "resources").glob("*.yml"),
        *(ROOT / "deployment" / "compute").glob("*.yml"),
        *(ROOT / "deployment" / "trigger").glob("*.yml"),
    ]
)


@pytest.fixture(scope="module")
def schema(cli: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the CLI itself calls a bundle."""
    file = tmp_path_factory.mktemp("schema") / "bundle.json"
    file.write_bytes(subprocess.run([cli, "bundle", "schema"], capture_output=True, check=True).stdout)
    return file


def check_schema(schema: Path, file: Path, tools: Path) -> "subprocess.CompletedProcess[str]":
    command = [tools / "check-jsonschema", "--schemafile", schema, file]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("file", BUNDLE_FILES, ids=lambda file: file.name)
def test_a_file_of_the_bundle_is_as_the_schema_says(file: Path, schema: Path, tool_folder: Path) -> None:
    process = check_schema(schema, file, tool_folder)
    assert process.returncode == 0, process.stdout


def test_the_schema_finds_a_slip_of_the_pen(schema: Path, tool_folder: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "jobs.yml"
    wrong.write_text((ROOT / "resources" / "jobs.yml").read_text().replace("entry_point:", "entrypoint:"))
    assert check_schema(schema, wrong, tool_folder).returncode != 0


@pytest.mark.parametrize("target", ["dev", "qa", "prod"])
@pytest.mark.parametrize(
    ("compute", "variable"),
    [("serverless", "catalog=lake"), ("job", "policy_id=1"), ("existing", "cluster_id={cluster}")],
)
def test_the_bundle_is_valid_without_a_warning(
    target: str,
    compute: str,
    variable: str,
    artifact: Path,
    cli: Path,
    workspace: Emulator,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    bundle = tmp_path / "bundle"
    subprocess.run(["unzip", "-q", artifact, "-d", bundle], check=True)
    if compute != "serverless":
        compute_file = bundle / "deployment" / "compute" / f"{compute}.yml"
        (bundle / "resources" / "compute.yml").write_bytes(compute_file.read_bytes())
    spec = {"cluster_name": "shared", "spark_version": "17.3.x-scala2.13", "node_type_id": "any", "num_workers": 1}
    cluster_id = workspace.call("POST", "/api/2.1/clusters/create", spec)["cluster_id"]
    variable = variable.format(cluster=cluster_id)
    command = [cli, "bundle", "validate", "--strict", "--target", target, "--var", variable]
    process = subprocess.run(command, env=environment, cwd=bundle, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert "Validation OK!" in process.stdout
    assert not process.stderr


def test_the_bundle_is_valid_with_the_dashboard(
    artifact: Path, cli: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    subprocess.run(["unzip", "-q", artifact, "-d", bundle], check=True)
    (bundle / "resources" / "dashboard.yml").write_bytes((bundle / "deployment" / "dashboard.yml").read_bytes())
    command = [cli, "bundle", "validate", "--strict", "--output", "json", "--var", "warehouse_id=0a1b"]
    process = subprocess.run(command, env=environment, cwd=bundle, capture_output=True, text=True, check=False)
    assert process.returncode == 0 and not process.stderr, process.stderr
    dashboard = json.loads(process.stdout)["resources"]["dashboards"]["fitness"]
    assert (dashboard["dataset_catalog"], dashboard["warehouse_id"]) == ("dev", "0a1b")
    assert "shared_db.activity_now" in (bundle / "dashboards" / "fitness.lvdash.json").read_text()


def test_each_compute_serves_each_job_in_each_target() -> None:
    jobs = yaml.safe_load((ROOT / "resources" / "jobs.yml").read_text())["resources"]["jobs"]
    targets = yaml.safe_load((ROOT / "databricks.yml").read_text())["targets"]
    for file in [ROOT / "resources" / "compute.yml", *(ROOT / "deployment" / "compute").glob("*.yml")]:
        compute_targets = yaml.safe_load(file.read_text())["targets"]
        assert set(compute_targets) == set(targets), file
        for target in compute_targets.values():
            for name, job in jobs.items():
                tasks = target["resources"]["jobs"][name]["tasks"]
                assert [task["task_key"] for task in tasks] == [task["task_key"] for task in job["tasks"]], file


def test_the_bundle_makes_the_schemas_that_the_contracts_name() -> None:
    schemas = yaml.safe_load((ROOT / "resources" / "schemas.yml").read_text())["resources"]["schemas"]
    assert {schema["name"] for schema in schemas.values()} == {name.split(".")[0] for name in all_tables()}


def test_no_address_and_no_secret_stands_in_the_bundle() -> None:
    for file in BUNDLE_FILES:
        assert not re.search(r"https?://|dapi[0-9a-f]{8}|(secret|token|password): \S", file.read_text()), file


def test_the_artifact_holds_what_a_release_needs(artifact: Path, tmp_path: Path) -> None:
    subprocess.run(["unzip", "-q", artifact, "-d", tmp_path], check=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    wheel_files = subprocess.run(
        ["unzip", "-Z1", wheel], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for file in (
        "fitness_assets/engine/locks/spark.lock",
        "fitness_assets/engine/log4j2.properties",
        "fitness_assets/dagster.yaml",
        "fitness_assets/contracts/gold/gym_summary.py",
    ):
        assert file in wheel_files
    assert (tmp_path / "tables.txt").read_text().split() == list(all_tables())
    assert re.fullmatch("[0-9a-f]{40}|unknown", (tmp_path / "commit.txt").read_text().strip())
    for script in ("deploy.sh", "run-integration-test.sh", "build-databricks-cli.sh"):
        assert (tmp_path / "deployment" / script).stat().st_mode & 0o100, "The zip keeps what is executable."


def test_the_entry_point_knows_every_parameter_that_the_jobs_give_it() -> None:
    jobs = yaml.safe_load((ROOT / "resources" / "jobs.yml").read_text())["resources"]["jobs"]
    for task in [task["python_wheel_task"] for job in jobs.values() for task in job["tasks"]]:
        arguments = [
            f"--{name}={re.sub(r'[$][{]var[.](processing_time|stream_seconds)[}]', '30', value)}".replace(
                "${var.environment}", "qa"
            )
            for name, value in task["named_parameters"].items()
        ]
        _, unknown = entrypoint._parser().parse_known_args(arguments)
        assert not unknown
