"""The compute policies: what a cluster may be, and who may make one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fitness_assets.databricks.policies.attributes import Definition, validate_definition
from fitness_assets.databricks.workspace import Role, Workspace

RUNTIME = "17.3.x-scala2.13"
"""The long-term runtime with Spark 4; masks on partitioned tables need 17.2 or newer."""
NODE_TYPES = ("Standard_D4ds_v5", "Standard_D8ds_v5", "Standard_E4ds_v5", "Standard_E8ds_v5")


@dataclass(frozen=True)
class ClusterLimits:
    """How much one cluster may cost in an environment."""

    workers: int
    dbus_per_hour: int


CLUSTER_LIMITS = {"dev": ClusterLimits(2, 12), "qa": ClusterLimits(4, 24), "prod": ClusterLimits(8, 60)}


@dataclass(frozen=True)
class ComputePolicy:
    """A compute policy."""

    name: str
    description: str
    definition: Definition
    users: tuple[str, ...]
    clusters_per_user: int | None = None


def compute_policies(workspace: Workspace) -> list[ComputePolicy]:
    """The policies of one environment.

    Raises:
        GovernanceError: a definition that Databricks would not take.
    """
    environment, roles = workspace.environment, workspace.roles
    job = {
        **_common_attributes(workspace),
        "cluster_type": _fixed("job"),
        # Dedicated compute reads masked tables through serverless filtering; where a workspace lacks that, standard.
        "data_security_mode": {
            "type": "allowlist",
            "values": ["USER_ISOLATION", "SINGLE_USER"],
            "defaultValue": "USER_ISOLATION",
        },
    }
    interactive = {
        **_common_attributes(workspace),
        "cluster_type": _fixed("all-purpose"),
        # Standard access alone: it enforces masks and filters for everybody on the cluster.
        "data_security_mode": _fixed("USER_ISOLATION"),
        "autotermination_minutes": {"type": "range", "minValue": 10, "maxValue": 60, "defaultValue": 30},
    }
    job_users = (roles[Role.SERVICE], roles[Role.ENGINEER]) if environment == "dev" else (roles[Role.SERVICE],)
    policies = [
        ComputePolicy(
            name=f"fitness-{environment}-jobs",
            description="Clusters of the platform's own runs.",
            definition=job,
            users=job_users,
        ),
        ComputePolicy(
            name=f"fitness-{environment}-interactive",
            description="Clusters of people who look into the data; analysts use a SQL warehouse.",
            definition=interactive,
            users=(roles[Role.ENGINEER], roles[Role.DATA_SCIENTIST]),
            clusters_per_user=1,
        ),
    ]
    for policy in policies:
        validate_definition(policy.name, policy.definition)
    return policies


def _common_attributes(workspace: Workspace) -> dict[str, Mapping[str, Any]]:
    limits = CLUSTER_LIMITS[workspace.environment]
    node_types = {"type": "allowlist", "values": list(NODE_TYPES), "defaultValue": NODE_TYPES[0]}
    return {
        "spark_version": _fixed(RUNTIME),
        "node_type_id": node_types,
        "driver_node_type_id": {**node_types, "isOptional": True},
        "autoscale.min_workers": {"type": "range", "minValue": 1, "maxValue": 2, "defaultValue": 1, "isOptional": True},
        "autoscale.max_workers": {
            "type": "range",
            "minValue": 1,
            "maxValue": limits.workers,
            "defaultValue": min(2, limits.workers),
            "isOptional": True,
        },
        "num_workers": {"type": "range", "minValue": 0, "maxValue": limits.workers, "isOptional": True},
        # The driver stays when spot capacity goes; workers fall back to on-demand machines.
        "azure_attributes.first_on_demand": _fixed(1),
        "azure_attributes.availability": _fixed("SPOT_WITH_FALLBACK_AZURE"),
        "azure_attributes.spot_bid_max_price": _fixed(-1),
        "dbus_per_hour": {"type": "range", "maxValue": limits.dbus_per_hour},
        "enable_local_disk_encryption": _fixed(True),
        "instance_pool_id": {"type": "forbidden", "hidden": True},
        "driver_instance_pool_id": {"type": "forbidden", "hidden": True},
        "custom_tags.project": _fixed("fitness_assets"),
        "custom_tags.environment": _fixed(workspace.environment),
        "custom_tags.cost_center": _fixed(workspace.cost_center),
    }


def _fixed(value: object) -> dict[str, Any]:
    return {"type": "fixed", "value": value}
