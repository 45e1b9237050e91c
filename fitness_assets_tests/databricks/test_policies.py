"""A run's cluster under the policy that governance makes for it, as a workspace takes it."""

import pytest

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.policies.compute import compute_policies
from fitness_assets.databricks.runs.job_spec import build_job_spec, upload_wheels
from fitness_assets.databricks.runs.remote_run import RemoteRun
from fitness_assets.databricks.workspace import Workspace
from fitness_assets.errors import WorkspaceError
from fitness_assets.settings.databricks import DatabricksSettings
from fitness_assets_tests.databricks.remote_platform import RemotePlatform

pytestmark = pytest.mark.programs


@pytest.fixture
def governed(remote: RemotePlatform) -> RemotePlatform:
    """A workspace whose users make clusters under a policy alone."""
    [policy, _] = compute_policies(Workspace("dev", "dev", "warehouse-1"))
    remote.workspace.policies["jobs"] = policy.definition
    remote.workspace.may_create_clusters = False
    remote.choose_compute("job")
    return remote


def submit(remote: RemotePlatform, has_fixed_size: bool = False) -> None:
    settings = DatabricksSettings.from_env()
    client = Client.from_env(settings.patience_seconds)
    uploaded = upload_wheels(client.files, settings)
    RemoteRun(client.jobs, "one", 0.1).submit(build_job_spec(settings, uploaded, [], has_fixed_size))


@pytest.mark.parametrize("has_fixed_size", [False, True])
def test_the_cluster_of_a_run_is_what_our_policy_allows(governed: RemotePlatform, has_fixed_size: bool) -> None:
    governed.set_env(FITNESS_CLUSTER_POLICY_ID="jobs")
    submit(governed, has_fixed_size)
    [run] = governed.workspace.runs.values()
    assert ("num_workers" in run.body["tasks"][0]["new_cluster"]) is has_fixed_size


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "You are not authorized to create clusters"),
        ({"FITNESS_CLUSTER_POLICY_ID": "of others"}, "You do not have permission to use the policy of others"),
        ({"FITNESS_CLUSTER_POLICY_ID": "jobs", "FITNESS_WORKERS": "3"}, "Validation failed for autoscale.max_workers"),
        (
            {"FITNESS_CLUSTER_POLICY_ID": "jobs", "FITNESS_SPARK_VERSION": "15.4.x-scala2.12"},
            "Validation failed for spark_version",
        ),
    ],
)
def test_another_cluster_is_refused_and_the_settings_are_named(
    governed: RemotePlatform, settings: dict[str, str], reason: str
) -> None:
    governed.set_env(**settings)
    with pytest.raises(WorkspaceError, match=f"{reason}.* Look at FITNESS_COMPUTE"):
        submit(governed)
    assert not governed.workspace.runs
