"""A small Databricks workspace over HTTP: the calls that governance makes, in their real form, and faults on demand."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from fitness_assets_tests.databricks.governance import answers, statements
from fitness_assets_tests.databricks.governance.unity import Refused, Unity

WRITES = ("POST", "PUT", "PATCH", "DELETE")


class FakeWorkspace:
    """The server's state and its faults.

    Attributes:
        statements: every SQL statement that was sent, in order.
        writes: how many calls changed something.
        fault: asked before a call with its method and path; a status fails it before or, with `after`, once done.
        on_write: called with the number of writes after each one took effect, before its answer is sent.
    """

    def __init__(self) -> None:
        self.unity = Unity()
        self.statements: list[str] = []
        self.results: dict[str, statements.Rows] = {}
        self.writes = 0
        self.lock = threading.Lock()
        self.fault: Callable[[str, str], tuple[int, str] | None] = lambda method, path: None
        self.on_write: Callable[[int], None] = lambda number: None
        self.host = ""

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        fault = self.fault(method, path)
        if fault and fault[1] == "before":
            raise _failed(fault[0])
        with self.lock:
            result = self._answer(method, path, query, body)
            selects = str(body.get("statement", "")).startswith("SELECT")
            if method in WRITES and not selects:
                self.writes += 1
                self.unity.watch()
                self.on_write(self.writes)
        if fault:
            raise _failed(fault[0])
        return result

    def _answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        for wanted, pattern, give in answers.ROUTES:
            found = re.fullmatch(pattern, path)
            if found and wanted == method:
                return give(self, query, body, *(unquote(part) for part in found.groups()))
        raise Refused(404, "ENDPOINT_NOT_FOUND", f"No API found for '{method} {path}'")


def _failed(status: int) -> Refused:
    codes = {429: "REQUEST_LIMIT_EXCEEDED", 500: "INTERNAL_ERROR", 503: "TEMPORARILY_UNAVAILABLE"}
    return Refused(status, codes[status], "injected")


@contextmanager
def serving(workspace: FakeWorkspace) -> Iterator[FakeWorkspace]:
    """The workspace on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave in one packet; in two each answer would wait for the other side's delayed ACK.
        wbufsize = -1

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            if self.headers.get("Authorization") != "Bearer secret-token":
                status, answer = 401, {"error_code": "UNAUTHENTICATED", "message": "no token"}
            else:
                try:
                    status, answer = 200, workspace.answer(self.command, parts.path, dict(parse_qsl(parts.query)), body)
                except Refused as error:
                    status, answer = error.status, {"error_code": error.code, "message": str(error)}
            text = json.dumps(answer).encode()
            self.send_response(status)
            if status in (429, 503):
                self.send_header("Retry-After", "0")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    workspace.host = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield workspace
    finally:
        server.shutdown()
        server.server_close()
