"""What `runs/submit` refuses.

Databricks drops a field that it does not know without a word. Here such a field is refused, because a dropped field is
how tags and settings get lost unseen. The rest follows the messages of the real service.
"""

from typing import Any

from fitness_assets_tests.databricks.fake_workspace.api.policy_validation import validate_policy
from fitness_assets_tests.databricks.fake_workspace.api.submit_schema import parse_submission
from fitness_assets_tests.databricks.fake_workspace.http_messages import ApiError, invalid
from fitness_assets_tests.databricks.fake_workspace.runs import COMPUTE_FIELDS
from fitness_assets_tests.databricks.fake_workspace.state import WorkspaceState

MAX_TOKEN_LENGTH = 64
MAX_TASKS = 100
NO_COMPUTE = "One of job_cluster_key, new_cluster, or existing_cluster_id must be specified."


def validate_submission(body: dict[str, Any], workspace: WorkspaceState) -> dict[str, Any]:
    """The submission as it is taken.

    Args:
        body: The request.

    Raises:
        ApiError: What is wrong with it, the first thing found.
    """
    body = parse_submission(body)
    if len(body.get("idempotency_token", "")) > MAX_TOKEN_LENGTH:
        raise invalid(f"idempotency_token must be a string of at most {MAX_TOKEN_LENGTH} characters.")
    tasks = body.get("tasks", [])
    if not tasks:
        raise invalid(NO_COMPUTE)
    if len(tasks) > MAX_TASKS:
        raise invalid(f"A run has at most {MAX_TASKS} tasks.")
    environment_keys = _validate_environments(body.get("environments", []))
    earlier_keys: set[str] = set()
    for task in tasks:
        _validate_task(task, earlier_keys)
        _validate_compute(task, environment_keys, workspace)
        earlier_keys.add(task["task_key"])
    return body


def _validate_environments(environments: list[dict[str, Any]]) -> set[str]:
    """The key of each environment."""
    for environment in environments:
        spec = environment.get("spec", {})
        if bool(spec.get("client")) == bool(spec.get("environment_version")):
            raise invalid("Exactly one of client and environment_version must be specified in environments.spec.")
    return {environment["environment_key"] for environment in environments}


def _validate_task(task: dict[str, Any], earlier_keys: set[str]) -> None:
    key = task["task_key"]
    task_types = [name for name in task if name.endswith("_task")]
    if not task_types:
        raise invalid(f"Task {key} has no task to run: python_wheel_task is missing.")
    if task_types != ["python_wheel_task"]:
        message = f"Task {key}: this stand-in runs python_wheel_task, not {task_types[0]}."
        raise ApiError(501, "NOT_IMPLEMENTED", message)
    wheel = task["python_wheel_task"]
    if wheel.get("parameters") and wheel.get("named_parameters"):
        raise invalid("Only one of parameters and named_parameters can be specified in python_wheel_task.")
    if key in earlier_keys:
        raise invalid(f"Duplicate task key: {key}.")
    if task.get("run_if", "ALL_SUCCESS") != "ALL_SUCCESS":
        raise ApiError(501, "NOT_IMPLEMENTED", f"Task {key}: this stand-in knows run_if ALL_SUCCESS alone.")
    for upstream in task.get("depends_on", []):
        if upstream["task_key"] not in earlier_keys:
            raise invalid(f"Task {key} depends on {upstream['task_key']}, which does not stand before it.")


def _validate_compute(task: dict[str, Any], environment_keys: set[str], workspace: WorkspaceState) -> None:
    forms = [name for name in COMPUTE_FIELDS if task.get(name)]
    key = task["task_key"]
    if len(forms) > 1:
        raise invalid(f"Task {key}: only one of {' and '.join(forms)} can be specified.")
    if not forms:
        if environment_keys:
            raise invalid(
                f"An environment is required for serverless task {key}. "
                "Please define one using `environments` and `environment_key`."
            )
        raise invalid(NO_COMPUTE)
    if forms == ["environment_key"]:
        if task["environment_key"] not in environment_keys:
            raise invalid(f"Task {key}: environment_key {task['environment_key']} is not in environments.")
        if task.get("libraries"):
            raise invalid(
                "Libraries field is not supported for serverless task, please specify libraries in environment."
            )
    elif forms == ["existing_cluster_id"]:
        if task["existing_cluster_id"] not in workspace.clusters:
            raise invalid(f"Cluster {task['existing_cluster_id']} does not exist")
    else:
        _validate_new_cluster(task["new_cluster"])
        validate_policy(task["new_cluster"], workspace.policies, workspace.may_create_clusters)


def _validate_new_cluster(cluster: dict[str, Any]) -> None:
    where = "settings.cluster_spec.new_cluster"
    if not cluster.get("spark_version"):
        raise invalid(f"Cluster validation error: Missing required field: {where}.spark_version")
    if cluster.get("policy_id") and cluster.get("apply_policy_default_values"):
        return
    if not any(name in cluster for name in ("num_workers", "autoscale", "is_single_node")):
        raise invalid(f"Cluster validation error: Missing required field: {where}.size")
    if not any(name in cluster for name in ("node_type_id", "instance_pool_id")):
        raise invalid(f"Cluster validation error: Missing required field: {where}.node_type_id")
