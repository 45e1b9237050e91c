"""A PostgreSQL server of our own, on loopback and a free port, in a folder that goes away with it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from fitness_assets.live.processes.managed_process import ManagedProcess
from fitness_assets.live.processes.ports import free_port

PASSWORD = "s3cret/pass@word"
_UNPRIVILEGED_USERS = ("postgres", "nobody")
_START_SECONDS = 60


def server_programs() -> Path | None:
    """The folder of `initdb` and `postgres`, or None where no server is installed."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name, reverse=True)
    return next((bin_ for bin_ in folders if (bin_ / "initdb").exists() and (bin_ / "postgres").exists()), None)


class PostgresServer:
    """One server; `start` returns when it answers, `stop` ends the process that was started."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="fitness_postgres_"))
        self._process: ManagedProcess | None = None
        self._user = _unprivileged_user() if os.getuid() == 0 else {}
        self.port = 0

    def url(self, password: str = PASSWORD, database: str = "postgres") -> str:
        escaped = password.replace("/", "%2F").replace("@", "%40")
        return f"postgresql+psycopg://fitness:{escaped}@127.0.0.1:{self.port}/{database}"

    def connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="fitness",
            password=PASSWORD,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def start(self) -> None:
        if self._user:
            os.chown(self._folder, self._user["user"], self._user["group"])
        password = self._folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        password.chmod(0o644)
        data = self._folder / "data"
        self._run(
            "initdb", "-D", data, "-U", "fitness", "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "-N"
        )
        self.port = free_port()
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=20"]
        options = [word for setting in settings for word in ("-c", setting)]
        command = [str(self._programs / "postgres"), "-D", str(data), "-p", str(self.port), *options]
        self._process = ManagedProcess(
            "PostgreSQL server", command, self._folder / "log", {}, cwd=self._folder, **self._user
        )
        self._process.wait_until(self._answers, _START_SECONDS)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *words: "str | Path") -> None:
        command = [self._programs / program, *words]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False, **self._user)
        assert done.returncode == 0, done.stderr


def _unprivileged_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    for name in _UNPRIVILEGED_USERS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise AssertionError(
        f"PostgreSQL does not run as root, and there is none of the users {', '.join(_UNPRIVILEGED_USERS)}."
    )
