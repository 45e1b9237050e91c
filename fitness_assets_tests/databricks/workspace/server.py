"""The HTTP side: the token, which call is whose, faults, and the answer on the wire."""

import json
import re
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from fitness_assets_tests.databricks.workspace import clusters_api, dbfs_api, files_api, jobs_api
from fitness_assets_tests.databricks.workspace.messages import Answer, ApiError, Request

if TYPE_CHECKING:
    from fitness_assets_tests.databricks.workspace.workspace import Workspace

Call = Callable[["Workspace", Request], Answer]

CALLS: list[tuple[str, str, Call]] = [
    ("POST", r"/api/2\.[012]/jobs/runs/submit", jobs_api.submit),
    ("GET", r"/api/2\.[012]/jobs/runs/get", jobs_api.get),
    ("GET", r"/api/2\.[012]/jobs/runs/get-output", jobs_api.get_output),
    ("GET", r"/api/2\.[012]/jobs/runs/list", jobs_api.list_runs),
    ("POST", r"/api/2\.[012]/jobs/runs/cancel", jobs_api.cancel),
    ("GET", r"/api/2\.0/fs/files/.*", files_api.get_file),
    ("HEAD", r"/api/2\.0/fs/files/.*", files_api.get_file),
    ("PUT", r"/api/2\.0/fs/files/.*", files_api.put_file),
    ("DELETE", r"/api/2\.0/fs/files/.*", files_api.delete_file),
    ("GET", r"/api/2\.0/fs/directories/.*", files_api.list_directory),
    ("HEAD", r"/api/2\.0/fs/directories/.*", files_api.head_directory),
    ("PUT", r"/api/2\.0/fs/directories/.*", files_api.put_directory),
    ("DELETE", r"/api/2\.0/fs/directories/.*", files_api.delete_directory),
    ("POST", r"/api/2\.0/dbfs/mkdirs", dbfs_api.mkdirs),
    ("POST", r"/api/2\.0/dbfs/put", dbfs_api.put),
    ("POST", r"/api/2\.0/dbfs/delete", dbfs_api.delete),
    ("GET", r"/api/2\.0/dbfs/read", dbfs_api.read),
    ("GET", r"/api/2\.0/dbfs/get-status", dbfs_api.get_status),
    ("GET", r"/api/2\.0/dbfs/list", dbfs_api.list_files),
    ("GET", r"/api/2\.[01]/clusters/get", clusters_api.get),
    ("POST", r"/api/2\.[01]/clusters/start", clusters_api.start),
    ("GET", r"/api/2\.0/libraries/cluster-status", clusters_api.library_status),
    ("GET", r"/api/2\.0/preview/scim/v2/Me", clusters_api.me),
]


def call_of(request: Request) -> Call:
    """The code which answers a request.

    Raises:
        ApiError: Nothing does.
    """
    for method, pattern, call in CALLS:
        if method == request.method and re.fullmatch(pattern, request.path):
            return call
    path = re.sub(r"^/api/2\.\d", "", request.path)
    raise ApiError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.method} {path}'")


def answer(workspace: "Workspace", request: Request) -> Answer | None:
    """Answers a request, or meets its fault. None: the connection is to be cut."""
    fault = workspace.faults.of(request)
    if fault and not fault.after_effect:
        workspace.closing.wait(fault.seconds)
        if fault.cut or fault.answer:
            return fault.answer
    try:
        _authorize(workspace, request)
        answered = call_of(request)(workspace, request)
    except ApiError as error:
        answered = error.answer
    if fault and fault.after_effect:
        workspace.closing.wait(fault.seconds)
        if fault.cut or fault.answer:
            return fault.answer
    return answered


def _authorize(workspace: "Workspace", request: Request) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer":
        message = "Credential was not sent or was of an unsupported type for this API."
        raise ApiError(401, "UNAUTHENTICATED", message)
    if token != workspace.token:
        raise ApiError(403, "403", "Invalid access token.")


class Server(ThreadingHTTPServer):
    """A server on a free loopback port, which knows its workspace."""

    daemon_threads = True
    # A storm of submissions opens more connections at once than the default of 5 lets wait.
    request_queue_size = 128

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.workspace = workspace
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="workspace", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone is no error of the workspace's: nothing is printed."""


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive over many requests."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Server

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        request = Request(
            self.command,
            unquote(parts.path),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        workspace = self.server.workspace
        workspace.requests.append(request)
        try:
            answered = answer(workspace, request)
        except Exception as error:
            answered = ApiError(500, "INTERNAL_ERROR", f"The stand-in broke: {error!r}").answer
        if answered is None:
            self._cut()
        else:
            request.answered = answered.status
            self._send(answered)

    def _send(self, answered: Answer) -> None:
        body = answered.body
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(answered.status)
        headers = {"Content-Type": "application/json"} if isinstance(body, dict) else {}
        for name, value in (headers | answered.headers).items():
            self.send_header(name, value)
        if answered.status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()

    def _cut(self) -> None:
        # Lingering for no time makes the kernel send a reset instead of a proper end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _handle

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed: `Workspace.requests` has it all."""
