"""Which process has which session on a shared engine: what a killed one left running there is ended by the next run.

Nothing depends on it but the engine's time: a job that goes on without its client commits nothing.
"""

import json
import logging
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlparse

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.utils import is_remote

from fitness_assets.process import start_ticks
from fitness_assets.settings.engine import EngineSettings

log = logging.getLogger("fitness_assets")

_CONNECT_SECONDS = 2.0


class SessionNotes:
    """The sessions of one base folder, a file each.

    Args:
        folder: where the notes lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._noted = ""

    def note(self, spark: SparkSession) -> None:
        """Note that this process has a session; one that is not on a server ends with its process."""
        if not is_remote():
            return
        client = cast(Any, spark).client
        if client._session_id == self._noted:
            return
        self._noted = client._session_id
        self._folder.mkdir(parents=True, exist_ok=True)
        pid = os.getpid()
        note = {
            "server": _server(EngineSettings.from_env().remote),
            "user_id": client._user_id,
            "host": socket.gethostname(),
            "pid": pid,
            "started": start_ticks(pid),
        }
        (self._folder / f"{self._noted}.json").write_text(json.dumps(note), encoding="utf-8")

    def end_orphans(self) -> None:
        """Interrupt the jobs of processes of this machine that are gone. An engine that does not answer has none."""
        remote = EngineSettings.from_env().remote
        if not remote or not self._folder.is_dir():
            return
        for file in sorted(self._folder.glob("*.json")):
            try:
                note = json.loads(file.read_text(encoding="utf-8"))
                is_gone = note["host"] == socket.gethostname() and start_ticks(note["pid"]) != note["started"]
            except (ValueError, KeyError, OSError):
                is_gone, note = True, {}
            if is_gone:
                if note.get("server") == _server(remote):
                    _interrupt(remote, file.stem, note["user_id"])
                file.unlink(missing_ok=True)


def _interrupt(remote: str, session_id: str, user_id: str | None) -> None:
    from pyspark.sql.connect.client import SparkConnectClient
    from pyspark.sql.connect.client.retries import DefaultPolicy

    server = urlparse(remote.split(";")[0])
    with suppress(OSError), socket.create_connection((server.hostname or "", server.port or 0), _CONNECT_SECONDS):
        address = remote if "/;" in remote else f"{remote.rstrip('/')}/;"
        address = f"{address.rstrip(';')};session_id={session_id}" + (f";user_id={user_id}" if user_id else "")
        client = cast(Any, SparkConnectClient)(address)
        client.set_retry_policies([DefaultPolicy(max_retries=1)])
        try:
            if interrupted := client.interrupt_all():
                log.warning("The jobs that a killed process left on the engine are ended: %s.", len(interrupted))
            client.release_session()
        except PySparkException as error:
            log.warning("What a killed process left on the engine could not be ended, and harms nothing: %s", error)
        finally:
            client.close()


def _server(remote: str) -> str:
    return urlparse(remote.split(";")[0]).netloc
