"""Whether somebody may make a cluster, and whether its policy allows it.

Without a policy that needs the entitlement to make any cluster; a policy needs the permission to use it
(https://learn.microsoft.com/azure/databricks/admin/clusters/policies). The words of the refusals are ours.
"""

from collections.abc import Mapping
from typing import Any

from fitness_assets_tests.databricks.fake_workspace.http_messages import ApiError, invalid

Definition = Mapping[str, Mapping[str, Any]]


def validate_policy(cluster: dict[str, Any], policies: Mapping[str, Definition], may_create_clusters: bool) -> None:
    """Refuse a cluster that must not be.

    Args:
        policies: the definitions of those that may be used, by their ids.

    Raises:
        ApiError: what is wrong with it, the first thing found.
    """
    policy_id = cluster.get("policy_id")
    if policy_id is None:
        if not may_create_clusters:
            raise ApiError(403, "PERMISSION_DENIED", "You are not authorized to create clusters.")
        return
    if policy_id not in policies:
        raise ApiError(403, "PERMISSION_DENIED", f"You do not have permission to use the policy {policy_id}.")
    for path, limitation in policies[policy_id].items():
        value = _value(cluster, path)
        # What is left out has the policy's own value; a cost is no field of a cluster.
        if value is not None and not _is_allowed(value, limitation):
            raise invalid(f"Cluster validation error: Validation failed for {path}, the value {value!r} is not allowed")


def _value(cluster: dict[str, Any], path: str) -> Any:
    value: Any = cluster
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _is_allowed(value: Any, limitation: Mapping[str, Any]) -> bool:
    match limitation["type"]:
        case "fixed":
            return bool(value == limitation["value"])
        case "allowlist":
            return value in limitation["values"]
        case "range":
            return bool(limitation.get("minValue", value) <= value <= limitation.get("maxValue", value))
        case "forbidden":
            return False
    raise ApiError(501, "NOT_IMPLEMENTED", f"This stand-in knows no limitation {limitation['type']}.")
