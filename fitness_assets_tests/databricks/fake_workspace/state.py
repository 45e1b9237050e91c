"""What a workspace is at this moment: what the calls read and change, and runs execute with."""

import itertools
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fitness_assets_tests.databricks.fake_workspace.another_spark.server import AnotherSpark
from fitness_assets_tests.databricks.fake_workspace.faults import Faults
from fitness_assets_tests.databricks.fake_workspace.http_messages import Request
from fitness_assets_tests.databricks.fake_workspace.machine.libraries import Libraries
from fitness_assets_tests.databricks.fake_workspace.machine.mounts import (
    MountNamespace,
    PathRewriting,
    namespaces_work,
)
from fitness_assets_tests.databricks.fake_workspace.machine.strict_volumes import compiler_works
from fitness_assets_tests.databricks.fake_workspace.runs import Run
from fitness_assets_tests.databricks.fake_workspace.scripted_results import ScriptedResults

ORGANISATION_ID = 1124000000000000
MAX_DIRECTORY_PAGE = 1000


class WorkspaceState:
    """The state of one workspace.

    Args:
        folder: Everything lies under it: the volumes, installed wheels, what tasks wrote.
        machine_env: Environment variables that every machine of this workspace has, whatever the form of compute.
        concurrent_runs: How many runs execute at once; further ones are QUEUED.
        private_mounts: Whether a task gets `/Volumes` in a mount namespace (see `mounts`); None: where that works.
        strict_volumes: Whether `/Volumes` refuses a task what a volume refuses (see `strict_volumes`); None: where
            that works.
        another_spark: What the machines of this workspace are made of and speak to; None: what the tests run in.

    Attributes:
        host: Address, for `WorkspaceClient(host=, token=)`.
        token: The one token it takes.
        volumes: The folder behind `/Volumes`.
        dbfs: The folder behind `dbfs:/` and `/dbfs`.
        runs: Every accepted run by its id, in the order of acceptance.
        run_ids: The run of each idempotency token.
        requests: Every request as it came in, with the status that was answered.
        clusters: All-purpose clusters by id.
        policies: The definitions of the cluster policies that whoever asks may use, by their ids.
        may_create_clusters: Whether whoever asks may make a cluster without a policy.
        secrets: The secrets of each scope by their keys.
        repeats_failed_tasks: Whether a task that failed is run again in any case, as after trouble of a machine.
        start_seconds: How long compute takes to start: a run is PENDING so long.
        grace_seconds: Between TERM and KILL when a run is stopped.
        max_directory_page: The largest page of a directory.
        slots: One for each run that may execute beside the others.
        closing: Set when the workspace ends.
    """

    def __init__(
        self,
        folder: Path,
        machine_env: Mapping[str, str] | None,
        concurrent_runs: int,
        private_mounts: bool | None,
        strict_volumes: bool | None,
        another_spark: AnotherSpark | None = None,
    ) -> None:
        self.folder = folder
        self.another_spark = another_spark
        self.volumes = another_spark.volumes if another_spark else folder / "Volumes"
        self.dbfs = folder / "dbfs"
        self.host = ""
        self.token = f"dapi{secrets.token_hex(16)}"
        self.user = "tests@example.com"
        self.machine_env = dict(machine_env or {})
        self.policies: dict[str, Mapping[str, Mapping[str, Any]]] = {}
        self.may_create_clusters = True
        self.repeats_failed_tasks = False
        self.start_seconds = 0.0
        self.grace_seconds = 5.0
        self.max_directory_page = MAX_DIRECTORY_PAGE
        self.runs: dict[int, Run] = {}
        self.run_ids: dict[str, int] = {}
        self.requests: list[Request] = []
        self.secrets: dict[str, dict[str, str]] = {}
        self.clusters: dict[str, dict[str, Any]] = {}
        self.threads: list[threading.Thread] = []
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self.slots = threading.Semaphore(concurrent_runs)
        self.faults = Faults()
        self.scripted_results = ScriptedResults()
        self.libraries = Libraries(folder / "libraries", another_spark.python if another_spark else None)
        is_private = namespaces_work() if private_mounts is None else private_mounts
        self.mounts = (MountNamespace if is_private else PathRewriting)(self.volumes, self.dbfs)
        self.has_strict_volumes = compiler_works() if strict_volumes is None else strict_volumes
        self._ids = itertools.count(secrets.randbelow(10**12) + 10**12)

    @property
    def page_url(self) -> str:
        """The address of the web page, below which each run has its own."""
        return f"{self.host}/?o={ORGANISATION_ID}"

    def next_id(self) -> int:
        return next(self._ids)

    def local_path(self, path: str) -> Path:
        """The real path of one under `/Volumes`."""
        return self.volumes / path.removeprefix("/Volumes").lstrip("/")
