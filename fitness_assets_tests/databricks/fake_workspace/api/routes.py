"""Which call answers which request."""

import re
from collections.abc import Callable

from fitness_assets_tests.databricks.fake_workspace.api import clusters, dbfs, files, jobs
from fitness_assets_tests.databricks.fake_workspace.http_messages import ApiError, Request, Response
from fitness_assets_tests.databricks.fake_workspace.state import WorkspaceState

Handler = Callable[[WorkspaceState, Request], Response]

ROUTES: list[tuple[str, str, Handler]] = [
    ("POST", r"/api/2\.[012]/jobs/runs/submit", jobs.submit),
    ("GET", r"/api/2\.[012]/jobs/runs/get", jobs.get),
    ("GET", r"/api/2\.[012]/jobs/runs/get-output", jobs.get_output),
    ("GET", r"/api/2\.[012]/jobs/runs/list", jobs.list_runs),
    ("POST", r"/api/2\.[012]/jobs/runs/cancel", jobs.cancel),
    ("GET", r"/api/2\.0/fs/files/.*", files.get_file),
    ("HEAD", r"/api/2\.0/fs/files/.*", files.get_file),
    ("PUT", r"/api/2\.0/fs/files/.*", files.put_file),
    ("DELETE", r"/api/2\.0/fs/files/.*", files.delete_file),
    ("GET", r"/api/2\.0/fs/directories/.*", files.list_directory),
    ("HEAD", r"/api/2\.0/fs/directories/.*", files.head_directory),
    ("PUT", r"/api/2\.0/fs/directories/.*", files.put_directory),
    ("DELETE", r"/api/2\.0/fs/directories/.*", files.delete_directory),
    ("POST", r"/api/2\.0/dbfs/mkdirs", dbfs.mkdirs),
    ("POST", r"/api/2\.0/dbfs/put", dbfs.put),
    ("POST", r"/api/2\.0/dbfs/delete", dbfs.delete),
    ("GET", r"/api/2\.0/dbfs/read", dbfs.read),
    ("GET", r"/api/2\.0/dbfs/get-status", dbfs.get_status),
    ("GET", r"/api/2\.0/dbfs/list", dbfs.list_files),
    ("GET", r"/api/2\.[01]/clusters/get", clusters.get),
    ("POST", r"/api/2\.[01]/clusters/start", clusters.start),
    ("GET", r"/api/2\.0/libraries/cluster-status", clusters.library_status),
    ("GET", r"/api/2\.0/preview/scim/v2/Me", clusters.me),
]


def handler_of(request: Request) -> Handler:
    """The call which answers a request.

    Raises:
        ApiError: None does.
    """
    for method, pattern, handler in ROUTES:
        if method == request.method and re.fullmatch(pattern, request.path):
            return handler
    path = re.sub(r"^/api/2\.\d", "", request.path)
    raise ApiError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.method} {path}'")
