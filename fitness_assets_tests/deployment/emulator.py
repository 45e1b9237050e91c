"""A Databricks workspace on this machine: the public emulator `minilake`, and in front of it what it does not do.

The emulator keeps catalogs, schemas, volumes, jobs and files. It reports a wheel's run as success without running it,
asks for no credentials and knows no OAuth. So the front hands out and demands tokens, is the service that tells
pipelines who they are, refuses jobs that cannot be, runs the task of a job as a process with the parameters of the
deployed job, and can end a client at any request. All else goes through as it is.
"""

import base64
import http.client
import json
import os
import re
import threading
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fitness_assets.live.processes.managed_process import ManagedProcess
from fitness_assets.live.processes.ports import free_port
from fitness_assets_tests.deployment import declarative_pipelines, lakeview
from fitness_assets_tests.deployment.job_rules import refusal
from fitness_assets_tests.deployment.job_runs import JobRuns

CLIENT_ID, CLIENT_SECRET, TOKEN = "the-service-principal", "s3cret-of-the-service-principal", "t0ken-of-the-workspace"
PIPELINE_TOKEN, IDENTITY_TOKEN = "t0ken-of-the-pipeline", "identity-t0ken-of-the-pipeline"
"""What a pipeline asks its own service with, and what that says the pipeline is."""
DEVOPS_PATH, GITHUB_PATH = "/azure-devops", "/github/oidc-token"
_TIMEOUT_SECONDS = 60
_CONNECTION_HEADERS = {"host", "accept-encoding", "connection", "transfer-encoding", "content-length"}


class Emulator:
    """One workspace; `start` returns when it answers, `stop` ends the process that was started.

    Attributes:
        job_runs: the runs of jobs, which only it has.
        dashboards: its AI/BI dashboards, likewise.
        pipelines: its Lakeflow pipelines, likewise.
        on_change: called with method and path of each call that may have changed something, before its answer is sent.
    """

    def __init__(self, tools: Path, folder: Path) -> None:
        self._tools = tools
        self.folder = folder
        self._port = free_port()
        self._process: ManagedProcess | None = None
        self._front = ThreadingHTTPServer(("127.0.0.1", 0), _FrontHandler)
        self._front.emulator = self  # type: ignore[attr-defined]
        self.host = f"http://127.0.0.1:{self._front.server_address[1]}"
        self.job_runs = JobRuns(folder, self.host, self._tasks_of_job)
        self.dashboards = lakeview.Dashboards()
        self.pipelines = declarative_pipelines.DeclarativePipelines()
        self.on_change: Callable[[str, str], None] = lambda method, path: None

    def start(self) -> None:
        settings = {"MINILAKE_NOTEBOOK": "0", "MINILAKE_DATA_DIR": str(self.folder / "data")}
        inherits_nothing = dict.fromkeys(os.environ)
        self._process = ManagedProcess(
            "emulator",
            [str(self._tools / "minilake"), "--host", "127.0.0.1", "--port", str(self._port)],
            self.folder / "log",
            {**inherits_nothing, "PATH": "/usr/bin:/bin", "HOME": str(self.folder), **settings},
            cwd=self.folder,
        )
        self._process.wait_until(self._is_healthy, _TIMEOUT_SECONDS)
        threading.Thread(target=self._front.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._front.shutdown()
        self._front.server_close()
        if self._process is not None:
            self._process.stop()

    def _is_healthy(self) -> bool:
        try:
            self.call("GET", "/_minilake/health")
        except OSError:
            return False
        return True

    def reset(self) -> None:
        """As it was at the start: nobody has deployed anything, and no task is to be run."""
        self.call("POST", "/_minilake/reset?full=true")
        self.job_runs.clear()
        self.dashboards.clear()
        self.pipelines.specs.clear()
        self.on_change = lambda method, path: None

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Behind the front, as nobody of the clients can."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:
            return json.load(response)

    def create_catalog(self, name: str) -> None:
        self.call("POST", "/api/2.1/unity-catalog/catalogs", {"name": name})

    def jobs(self) -> dict[int, dict[str, Any]]:
        """The settings of each deployed job, by its id."""
        job_ids = [job["job_id"] for job in self.call("GET", "/api/2.2/jobs/list")["jobs"]]
        return {job_id: self._job_settings(job_id) for job_id in job_ids}

    def schemas(self, catalog: str) -> list[str]:
        schemas = self.call("GET", f"/api/2.1/unity-catalog/schemas?catalog_name={catalog}").get("schemas", [])
        return sorted(schema["name"] for schema in schemas if schema["name"] not in ("default", "information_schema"))

    def volumes(self, catalog: str) -> list[str]:
        return sorted(
            volume["full_name"]
            for schema in self.schemas(catalog)
            for volume in self.call(
                "GET", f"/api/2.1/unity-catalog/volumes?catalog_name={catalog}&schema_name={schema}"
            ).get("volumes", [])
        )

    def files(self) -> list[str]:
        root = self.folder / "data" / "workspace"
        return sorted(str(file.relative_to(root)) for file in root.rglob("*") if file.is_file())

    def read(self, file: str) -> bytes:
        return (self.folder / "data" / "workspace" / file).read_bytes()

    def _job_settings(self, job_id: int) -> dict[str, Any]:
        settings: dict[str, Any] = self.call("GET", f"/api/2.2/jobs/get?job_id={job_id}")["settings"]
        return settings

    def _tasks_of_job(self, job_id: int) -> list[dict[str, Any]]:
        tasks: list[dict[str, Any]] = self._job_settings(job_id)["tasks"]
        return tasks


class _FrontHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        emulator: Emulator = self.server.emulator  # type: ignore[attr-defined]
        body = self._body()
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if url.path == "/.well-known/databricks-config":
            return self._send_json({"oidc_endpoint": f"{emulator.host}/oidc", "account_id": "", "workspace_id": "1"})
        if url.path == "/oidc/.well-known/oauth-authorization-server":
            return self._send_json(
                {"token_endpoint": f"{emulator.host}/oidc/v1/token", "authorization_endpoint": "none"}
            )
        if url.path == "/oidc/v1/token":
            return self._send_token(body)
        if url.path.startswith((DEVOPS_PATH, GITHUB_PATH)):
            return self._send_identity(url.path)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._send_json(
                {"error_code": "UNAUTHENTICATED", "message": "No credentials that are known here."}, 401
            )
        if url.path.startswith("/api/2.2/jobs/run") and emulator.job_runs.command:
            answer, status = emulator.job_runs.answer(url.path, query, json.loads(body or b"{}"))
            return self._send_json(answer, status)
        if url.path.startswith(lakeview.PATH):
            answer, status = emulator.dashboards.answer(self.command, url.path, json.loads(body or b"{}"))
            if self.command != "GET":
                emulator.on_change(self.command, re.sub("[0-9a-f]{32}", "{id}", url.path))
            return self._send_json(answer, status)
        if url.path in ("/api/2.2/jobs/create", "/api/2.2/jobs/reset"):
            settings = json.loads(body)
            if reason := refusal(settings.get("new_settings", settings)):
                return self._send_json({"error_code": "INVALID_PARAMETER_VALUE", "message": reason}, 400)
        if url.path.startswith(declarative_pipelines.PATH):
            answer, status = emulator.pipelines.answer(self.command, url.path, query, json.loads(body or b"{}"))
            if self.command != "GET":
                emulator.on_change(self.command, url.path)
            return self._send_json(answer, status)
        status, headers, content = self._forward(emulator, body)
        if self.command != "GET":
            emulator.on_change(self.command, url.path)
        self._send(status, headers, content)
        return None

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _handle

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send_identity(self, path: str) -> None:
        """The token that proves which pipeline asks, from Azure DevOps or GitHub."""
        is_known = self.headers.get("Authorization") == f"Bearer {PIPELINE_TOKEN}"
        if is_known and self.command == "GET" and path == GITHUB_PATH:
            return self._send_json({"value": IDENTITY_TOKEN})
        job = f"{DEVOPS_PATH}/project/_apis/distributedtask/hubs/build/plans/plan/jobs/job/oidctoken"
        if is_known and self.command == "POST" and path.replace("//", "/") == job:
            return self._send_json({"oidcToken": IDENTITY_TOKEN})
        return self._send_json({"message": f"{self.command} {path}"}, 401)

    def _send_token(self, body: bytes) -> None:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
        if form.get("grant_type") == exchange:
            # What the federation policy of the service principal says.
            if (form.get("client_id"), form.get("subject_token")) == (CLIENT_ID, IDENTITY_TOKEN):
                return self._send_json({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})
            return self._send_json({"error": "invalid_grant", "error_description": "No policy fits the token"}, 401)
        credentials = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if self.headers.get("Authorization") == f"Basic {credentials}":
            return self._send_json({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})
        return self._send_json({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)

    def _forward(self, emulator: Emulator, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", emulator._port, timeout=_TIMEOUT_SECONDS)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in _CONNECTION_HEADERS}
        connection.request(self.command, self.path, body, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, {"Content-Type": response.headers.get("Content-Type", "application/json")}, content

    def _send_json(self, answer: Any, status: int = 200) -> None:
        self._send(status, {"Content-Type": "application/json"}, json.dumps(answer).encode())

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
        except OSError:
            # The client has been killed, as the tests do.
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass
