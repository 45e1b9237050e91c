"""All-purpose clusters, their libraries, and who is calling."""

from typing import Any

from fitness_assets_tests.databricks.fake_workspace.http_messages import ApiError, Request, Response, invalid
from fitness_assets_tests.databricks.fake_workspace.state import WorkspaceState


def _cluster(workspace: WorkspaceState, cluster_id: Any) -> dict[str, Any]:
    if not isinstance(cluster_id, str) or cluster_id not in workspace.clusters:
        raise invalid(f"Cluster {cluster_id} does not exist")
    return workspace.clusters[cluster_id]


def get(workspace: WorkspaceState, request: Request) -> Response:
    """A cluster as it stands."""
    return Response(body=_cluster(workspace, request.query.get("cluster_id")))


def start(workspace: WorkspaceState, request: Request) -> Response:
    """Starts a cluster which is terminated."""
    cluster = _cluster(workspace, request.json.get("cluster_id"))
    if cluster["state"] != "TERMINATED":
        message = f"Cluster {cluster['cluster_id']} is in unexpected state {cluster['state'].title()}."
        raise ApiError(400, "INVALID_STATE", message)
    cluster["state"] = "RUNNING"
    return Response(body={})


def library_status(workspace: WorkspaceState, request: Request) -> Response:
    """The libraries which runs have brought to a cluster."""
    cluster_id = _cluster(workspace, request.query.get("cluster_id"))["cluster_id"]
    installed: list[dict[str, Any]] = []
    for run in list(workspace.runs.values()):
        for task in run.tasks:
            if task.spec.get("existing_cluster_id") == cluster_id and task.pid is not None:
                installed += [library for library in task.spec.get("libraries", []) if library not in installed]
    statuses = [{"library": library, "status": "INSTALLED"} for library in installed]
    return Response(body={"cluster_id": cluster_id, "library_statuses": statuses})


def me(workspace: WorkspaceState, request: Request) -> Response:
    """The user whose token it is."""
    return Response(body={"id": "1", "userName": workspace.user, "displayName": workspace.user, "active": True})
