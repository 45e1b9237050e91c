"""A small Databricks workspace over HTTP: the calls that governance makes, in their real form, and faults on demand."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from fitness_assets_tests.databricks.governance.fake_catalog import (
    directory_handlers,
    file_handlers,
    handlers,
    policy_handlers,
    tag_handlers,
)
from fitness_assets_tests.databricks.governance.fake_catalog.catalog import ApiError
from fitness_assets_tests.databricks.governance.fake_catalog.state import FakeState

WRITE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
ERROR_CODES = {429: "REQUEST_LIMIT_EXCEEDED", 500: "INTERNAL_ERROR", 503: "TEMPORARILY_UNAVAILABLE"}
CATALOG, SECRETS, POLICIES = "/api/2.1/unity-catalog", "/api/2.0/secrets", "/api/2.0/policies/clusters"
ACCOUNT_SCIM, WORKSPACE_SCIM = "/api/2.0/account/scim/v2", "/api/2.0/preview/scim/v2"
TAGS = "/api/2.1/tag-policies"
PART = "/([^/]+)"
TYPES = ("catalog", "schema", "volume", "function", "table")
ROUTES: list[tuple[str, str, Callable[..., Any]]] = [
    *(("GET", f"{CATALOG}/{name}s{PART}", handlers.get_securable(name)) for name in TYPES),
    *(("PATCH", f"{CATALOG}/{name}s{PART}", handlers.update_securable(name)) for name in TYPES),
    ("POST", f"{CATALOG}/catalogs", handlers.create_catalog),
    ("POST", f"{CATALOG}/schemas", handlers.create_schema),
    ("POST", f"{CATALOG}/volumes", handlers.create_volume),
    ("GET", f"{CATALOG}/tables", handlers.list_tables),
    ("GET", f"{CATALOG}/permissions{PART}{PART}", handlers.get_permissions),
    ("PATCH", f"{CATALOG}/permissions{PART}{PART}", handlers.change_permissions),
    ("GET", f"{CATALOG}/effective-permissions{PART}{PART}", handlers.get_effective_permissions),
    ("POST", "/api/2.0/sql/statements/?", handlers.execute_statement),
    ("GET", f"/api/2.0/sql/statements{PART}/result/chunks{PART}", handlers.get_result_chunk),
    ("GET", f"{POLICIES}/list", policy_handlers.list_policies),
    ("POST", f"{POLICIES}/create", policy_handlers.create_policy),
    ("POST", f"{POLICIES}/edit", policy_handlers.edit_policy),
    ("GET", f"/api/2.0/permissions/cluster-policies{PART}", policy_handlers.get_policy_permissions),
    ("PUT", f"/api/2.0/permissions/cluster-policies{PART}", policy_handlers.set_policy_permissions),
    ("GET", f"{SECRETS}/scopes/list", policy_handlers.list_scopes),
    ("POST", f"{SECRETS}/scopes/create", policy_handlers.create_scope),
    ("GET", f"{SECRETS}/acls/list", policy_handlers.list_acls),
    ("POST", f"{SECRETS}/acls/put", policy_handlers.put_acl),
    ("POST", f"{SECRETS}/acls/delete", policy_handlers.delete_acl),
    ("GET", f"{SECRETS}/list", policy_handlers.list_secrets),
    ("POST", f"{SECRETS}/put", policy_handlers.put_secret),
    ("GET", "/api/2.0/fs/directories(/.+)", file_handlers.list_directory),
    ("GET", "/api/2.0/fs/files(/.+)", file_handlers.download_file),
    ("GET", f"{TAGS}{PART}", tag_handlers.get_tag_policy),
    ("POST", TAGS, tag_handlers.create_tag_policy),
    ("PATCH", f"{TAGS}{PART}", tag_handlers.update_tag_policy),
    ("GET", f"{WORKSPACE_SCIM}/Me", directory_handlers.get_current_user),
    ("GET", f"{WORKSPACE_SCIM}/Groups", directory_handlers.find_workspace_group),
    ("GET", f"{WORKSPACE_SCIM}/ServicePrincipals", directory_handlers.find_workspace_service_principal),
    (
        "PATCH",
        f"{WORKSPACE_SCIM}/(?:Groups|ServicePrincipals){PART}",
        directory_handlers.patch_workspace_principal,
    ),
    ("GET", f"{WORKSPACE_SCIM}/Groups{PART}", directory_handlers.get_workspace_group),
    ("GET", f"{WORKSPACE_SCIM}/Users", directory_handlers.find_workspace_user),
    ("GET", f"{ACCOUNT_SCIM}/Groups", directory_handlers.find_account_group),
    ("GET", f"{ACCOUNT_SCIM}/Groups{PART}", directory_handlers.get_account_group),
    ("GET", f"{ACCOUNT_SCIM}/Users", directory_handlers.find_account_user),
    ("GET", f"{ACCOUNT_SCIM}/ServicePrincipals", directory_handlers.find_account_service_principal),
    ("POST", f"{ACCOUNT_SCIM}/Groups", directory_handlers.create_account_group),
    ("PATCH", f"{ACCOUNT_SCIM}/Groups{PART}", directory_handlers.patch_account_group),
    ("PUT", f"/api/2.0/preview/permissionassignments/principals{PART}", directory_handlers.assign_principal),
    ("GET", f"/api/2.0/sql/warehouses{PART}", directory_handlers.get_warehouse),
    ("GET", f"/api/2.0/permissions/warehouses{PART}", directory_handlers.get_warehouse_permissions),
    ("GET", f"{CATALOG}/metastore_summary", directory_handlers.get_metastore),
]


class FakeServer(FakeState):
    """A workspace as its clients see it, and its faults.

    Attributes:
        writes: how many calls changed something.
        fault: asked before a call with its method and path; a status fails it before or, with `after`, once done.
        on_write: called with the number of writes after each one took effect, before its answer is sent.
    """

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.host = ""
        self.fault: Callable[[str, str], tuple[int, str] | None] = lambda method, path: None
        self.on_write: Callable[[int], None] = lambda number: None
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Any:
        fault = self.fault(method, path)
        if fault and fault[1] == "before":
            raise _injected_error(fault[0])
        with self._lock:
            result = self._handle(method, path, query, body)
            is_select = str(body.get("statement", "")).startswith(("SELECT", "DESCRIBE"))
            if method in WRITE_METHODS and not is_select:
                self.writes += 1
                self.catalog.record_leaks()
                self.on_write(self.writes)
        if fault:
            raise _injected_error(fault[0])
        return result

    def _handle(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Any:
        for route_method, pattern, handler in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and route_method == method:
                return handler(self, query, body, *(unquote(part) for part in match.groups()))
        raise ApiError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{method} {path}'")


def _injected_error(status: int) -> ApiError:
    return ApiError(status, ERROR_CODES[status], "injected")


@contextmanager
def serve(server: FakeServer) -> Iterator[FakeServer]:
    """The server on a free port of loopback."""

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
                    status, answer = 200, server.answer(self.command, parts.path, dict(parse_qsl(parts.query)), body)
                except ApiError as error:
                    status, answer = error.status, {"error_code": error.code, "message": str(error)}
            text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
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

    http_server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http_server.daemon_threads = True
    server.host = f"http://127.0.0.1:{http_server.server_port}"
    threading.Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        http_server.shutdown()
        http_server.server_close()
