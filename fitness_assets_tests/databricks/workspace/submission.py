"""What `runs/submit` refuses.

Databricks drops a field that it does not know without a word. Here such a field is refused, because a dropped field is
how tags and settings get lost unseen. The rest follows the messages of the real service.
"""

import dataclasses
import inspect
from collections.abc import Iterable
from typing import Any

from databricks.sdk.service import compute, jobs

from fitness_assets_tests.databricks.workspace.messages import ApiError, invalid

LONGEST_TOKEN = 64
MOST_TASKS = 100


def _names(schema: type) -> list[str]:
    return [field.name for field in dataclasses.fields(schema)]


# The SDK is generated from the published API description: its classes are the list of what there is.
RUN_FIELDS = [name for name in inspect.signature(jobs.JobsAPI.submit).parameters if name != "self"]
TASK_FIELDS = _names(jobs.SubmitTask)
OTHER_TASKS = [name for name in TASK_FIELDS if name.endswith("_task") and name != "python_wheel_task"]
WHEEL_FIELDS = _names(jobs.PythonWheelTask)
ENVIRONMENT_FIELDS = _names(compute.Environment)
LIBRARY_FIELDS = _names(compute.Library)
CLUSTER_FIELDS = _names(compute.ClusterSpec)


def check(body: dict[str, Any], clusters: Iterable[str]) -> None:
    """Whether a submission would be accepted.

    Args:
        body: The request.
        clusters: Ids of the clusters which exist.

    Raises:
        ApiError: What is wrong with it, the first thing found.
    """
    _known(body, RUN_FIELDS, "the request")
    token = body.get("idempotency_token", "")
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
        raise invalid(f"idempotency_token must be a string of at most {LONGEST_TOKEN} characters.")
    tasks = body.get("tasks")
    if not isinstance(tasks, list) or not tasks:
        raise invalid("One of job_cluster_key, new_cluster, or existing_cluster_id must be specified.")
    if len(tasks) > MOST_TASKS:
        raise invalid(f"A run has at most {MOST_TASKS} tasks.")
    environments = _environments(body.get("environments", []))
    earlier: set[str] = set()
    for task in tasks:
        _task(task, environments, set(clusters), earlier)
        earlier.add(task["task_key"])


def _environments(given: list[dict[str, Any]]) -> set[str]:
    for environment in given:
        _known(environment, ("environment_key", "spec"), "environments")
        _required(environment, ("environment_key",), "environments")
        spec = environment.get("spec") or {}
        _known(spec, ENVIRONMENT_FIELDS, "environments.spec")
        if bool(spec.get("client")) == bool(spec.get("environment_version")):
            raise invalid("Exactly one of client and environment_version must be specified in environments.spec.")
    return {environment["environment_key"] for environment in given}


def _task(task: dict[str, Any], environments: set[str], clusters: set[str], earlier: set[str]) -> None:
    _required(task, ("task_key",), "tasks")
    key = task["task_key"]
    other = [name for name in OTHER_TASKS if name in task]
    if other:
        raise ApiError(501, "NOT_IMPLEMENTED", f"Task {key}: this stand-in runs python_wheel_task, not {other[0]}.")
    _known(task, TASK_FIELDS, f"task {key}")
    if key in earlier:
        raise invalid(f"Duplicate task key: {key}.")
    if task.get("run_if", "ALL_SUCCESS") != "ALL_SUCCESS":
        raise ApiError(501, "NOT_IMPLEMENTED", f"Task {key}: this stand-in knows run_if ALL_SUCCESS alone.")
    for upstream in task.get("depends_on", []):
        if upstream.get("task_key") not in earlier:
            raise invalid(f"Task {key} depends on {upstream.get('task_key')}, which does not stand before it.")
    _wheel_task(task.get("python_wheel_task"), key)
    _compute(task, environments, clusters)


def _wheel_task(wheel: dict[str, Any] | None, key: str) -> None:
    if not isinstance(wheel, dict):
        raise invalid(f"Task {key} has no task to run: python_wheel_task is missing.")
    _known(wheel, WHEEL_FIELDS, "python_wheel_task")
    _required(wheel, ("package_name", "entry_point"), "python_wheel_task")
    positional, named = wheel.get("parameters"), wheel.get("named_parameters")
    if positional and named:
        raise invalid("Only one of parameters and named_parameters can be specified in python_wheel_task.")
    if not isinstance(positional or [], list) or not isinstance(named or {}, dict):
        raise invalid("parameters is a list, and named_parameters an object, in python_wheel_task.")
    values = [*(positional or []), *(named or {}).values()]
    if not all(isinstance(value, str) for value in values):
        raise invalid("Every parameter of a python_wheel_task is a string.")


def _compute(task: dict[str, Any], environments: set[str], clusters: set[str]) -> None:
    forms = [name for name in ("new_cluster", "existing_cluster_id", "environment_key") if task.get(name)]
    key = task["task_key"]
    if len(forms) > 1:
        raise invalid(f"Task {key}: only one of {' and '.join(forms)} can be specified.")
    if not forms:
        if environments:
            raise invalid(
                f"An environment is required for serverless task {key}. "
                "Please define one using `environments` and `environment_key`."
            )
        raise invalid("One of job_cluster_key, new_cluster, or existing_cluster_id must be specified.")
    for library in task.get("libraries", []):
        _known(library, LIBRARY_FIELDS, "libraries")
    if forms == ["environment_key"]:
        if task["environment_key"] not in environments:
            raise invalid(f"Task {key}: environment_key {task['environment_key']} is not in environments.")
        if task.get("libraries"):
            raise invalid(
                "Libraries field is not supported for serverless task, please specify libraries in environment."
            )
    elif forms == ["existing_cluster_id"]:
        if task["existing_cluster_id"] not in clusters:
            raise invalid(f"Cluster {task['existing_cluster_id']} does not exist")
    else:
        _new_cluster(task["new_cluster"])


def _new_cluster(cluster: dict[str, Any]) -> None:
    where = "settings.cluster_spec.new_cluster"
    _known(cluster, CLUSTER_FIELDS, where)
    _required(cluster, ("spark_version",), where)
    by_policy = cluster.get("policy_id") and cluster.get("apply_policy_default_values")
    if not by_policy and not any(name in cluster for name in ("num_workers", "autoscale", "is_single_node")):
        raise invalid(f"Cluster validation error: Missing required field: {where}.size")
    if not by_policy and not any(name in cluster for name in ("node_type_id", "instance_pool_id")):
        raise invalid(f"Cluster validation error: Missing required field: {where}.node_type_id")
    variables = cluster.get("spark_env_vars", {})
    if not all(isinstance(value, str) for value in variables.values()):
        raise invalid(f"Cluster validation error: every value of {where}.spark_env_vars is a string.")


def _known(given: Any, fields: Iterable[str], where: str) -> None:
    if not isinstance(given, dict):
        raise ApiError(400, "MALFORMED_REQUEST", f"Could not parse request object: {where} is no object.")
    unknown = sorted(set(given) - set(fields))
    if unknown:
        raise invalid(f"Unknown field in {where}: {', '.join(unknown)}.")


def _required(given: dict[str, Any], fields: Iterable[str], where: str) -> None:
    for name in fields:
        if not given.get(name) or not isinstance(given[name], str):
            raise invalid(f"Missing required field: {where}.{name}")
