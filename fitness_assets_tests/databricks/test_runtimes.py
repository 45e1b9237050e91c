"""What runs are started on by default is what the tests run them on."""

import yaml

from fitness_assets.databricks.policies import compute
from fitness_assets.databricks.runs import job_spec
from fitness_assets.settings.databricks import DatabricksSettings
from fitness_assets_tests.databricks.fake_workspace.another_spark.software import FOLDER
from fitness_assets_tests.deployment.tools import ROOT

DEFAULT_RUNTIME = DatabricksSettings.model_fields["spark_version"].default


def variables_of(file: str) -> dict[str, dict[str, str]]:
    variables: dict[str, dict[str, str]] = yaml.safe_load((ROOT / file).read_text())["variables"]
    return variables


def test_bundle_policies_and_dagster_start_runs_on_the_same_runtime_and_environment() -> None:
    assert compute.RUNTIME == DEFAULT_RUNTIME
    assert variables_of("deployment/compute/job.yml")["spark_version"]["default"] == DEFAULT_RUNTIME
    assert variables_of("resources/compute.yml")["serverless_version"]["default"] == job_spec._SERVERLESS_VERSION


def test_the_machines_of_the_tests_are_of_that_runtime_and_the_documents_say_so() -> None:
    machines = (FOLDER / "runtime.in").read_text()
    runtime = f"Databricks Runtime {DEFAULT_RUNTIME.split('.x')[0]} LTS"
    environment = f"environment {job_spec._SERVERLESS_VERSION}"
    assert runtime in machines and f"serverless {environment}" in machines
    page = (ROOT / "docs" / "databricks.md").read_text()
    assert runtime in page and f"environment version {job_spec._SERVERLESS_VERSION}" in page
    assert "pyspark-client==4.0." in machines and "pyspark==4.0." in (FOLDER / "server.in").read_text()
