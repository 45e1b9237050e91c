"""The HTTP side: the token, faults, and the response on the wire."""

import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from fitness_assets_tests.databricks.fake_workspace.api.routes import handler_of
from fitness_assets_tests.databricks.fake_workspace.http_messages import ApiError, Request, Response
from fitness_assets_tests.databricks.fake_workspace.state import WorkspaceState


def respond(workspace: WorkspaceState, request: Request) -> Response | None:
    """Answers a request, or meets its fault. None: the connection is to be cut."""
    fault = workspace.faults.take(request)
    if fault and not fault.after_effect:
        workspace.closing.wait(fault.seconds)
        if fault.cut or fault.response:
            return fault.response
    try:
        _authorize(workspace, request)
        response = handler_of(request)(workspace, request)
    except ApiError as error:
        response = error.response
    if fault and fault.after_effect:
        workspace.closing.wait(fault.seconds)
        if fault.cut or fault.response:
            return fault.response
    return response


def _authorize(workspace: WorkspaceState, request: Request) -> None:
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

    def __init__(self, workspace: WorkspaceState) -> None:
        super().__init__(("127.0.0.1", 0), ConnectionHandler)
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


class ConnectionHandler(BaseHTTPRequestHandler):
    """One connection, kept alive over many requests."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Server

    def _handle(self) -> None:
        url = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(url.path),
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            content=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )
        workspace = self.server.workspace
        workspace.requests.append(request)
        try:
            response = respond(workspace, request)
        except Exception as error:
            response = ApiError(500, "INTERNAL_ERROR", f"The stand-in broke: {error!r}").response
        if response is None:
            self._cut()
        else:
            request.status = response.status
            self._send(response)

    def _send(self, response: Response) -> None:
        body = response.body
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(response.status)
        headers = {"Content-Type": "application/json"} if isinstance(body, dict) else {}
        for name, value in (headers | response.headers).items():
            self.send_header(name, value)
        if response.status != 204:
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
        """Nothing is printed: `WorkspaceState.requests` has it all."""
