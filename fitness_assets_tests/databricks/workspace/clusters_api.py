"""All-purpose clusters, their libraries, and who is calling."""

from typing import TYPE_CHECKING, Any

from fitness_assets_tests.databricks.workspace.messages import Answer, ApiError, Request, invalid

if TYPE_CHECKING:
    from fitness_assets_tests.databricks.workspace.workspace import Workspace


def _cluster(workspace: "Workspace", cluster_id: Any) -> dict[str, Any]:
    if not isinstance(cluster_id, str) or cluster_id not in workspace.clusters:
        raise invalid(f"Cluster {cluster_id} does not exist")
    return workspace.clusters[cluster_id]


def get(workspace: "Workspace", request: Request) -> Answer:
    """A cluster as it stands."""
    return Answer(body=_cluster(workspace, request.query.get("cluster_id")))


def start(workspace: "Workspace", request: Request) -> Answer:
    """Starts a cluster which is terminated."""
    cluster = _cluster(workspace, request.json.get("cluster_id"))
    if cluster["state"] != "TERMINATED":
        message = f"Cluster {cluster['cluster_id']} is in unexpected state {cluster['state'].title()}."
        raise ApiError(400, "INVALID_STATE", message)
    cluster["state"] = "RUNNING"
    return Answer(body={})


def library_status(workspace: "Workspace", request: Request) -> Answer:
    """The libraries which runs have brought to a cluster."""
    cluster_id = _cluster(workspace, request.query.get("cluster_id"))["cluster_id"]
    brought: list[dict[str, Any]] = []
    for run in list(workspace.runs.values()):
        for task in run.tasks:
            if task.spec.get("existing_cluster_id") == cluster_id and task.pid is not None:
                brought += [library for library in task.spec.get("libraries", []) if library not in brought]
    statuses = [{"library": library, "status": "INSTALLED"} for library in brought]
    return Answer(body={"cluster_id": cluster_id, "library_statuses": statuses})


def me(workspace: "Workspace", request: Request) -> Answer:
    """The user whose token it is."""
    return Answer(body={"id": "1", "userName": workspace.user, "displayName": workspace.user, "active": True})
