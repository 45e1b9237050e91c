"""One warm Spark engine for all runs: a Spark Connect server on loopback that asks for a token."""

import json
import os
import secrets
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fitness_assets.engine.spark_session import engine_conf, engine_environment
from fitness_assets.errors import StackError
from fitness_assets.live.processes.managed_process import ManagedProcess
from fitness_assets.live.processes.ports import LOOPBACK, free_port, is_listening, is_taken
from fitness_assets.private_files import close_to_others, write_private
from fitness_assets.process import is_alive
from fitness_assets.settings import Settings

_SERVER_CLASS = "org.apache.spark.sql.connect.service.SparkConnectServer"
_PORT_RELEASE_SECONDS = 5.0


@dataclass(frozen=True)
class EngineProcess:
    """An engine that was started: where it listens, and the token that it asks for."""

    pid: int
    port: int
    token: str = field(repr=False)

    @property
    def address(self) -> str:
        """What `SPARK_REMOTE` is set to. Only for this name does Spark's client send a token without TLS."""
        return f"sc://localhost:{self.port}/;token={self.token}"

    @property
    def is_running(self) -> bool:
        """Whether the process is there and is the engine, not another that has its number now."""
        try:
            command = Path(f"/proc/{self.pid}/cmdline").read_bytes()
        except OSError:
            return not Path("/proc/self").exists() and is_alive(self.pid)
        return _SERVER_CLASS.encode() in command


class EngineServer:
    """The engine of one base folder; its address stays the same when it is started again."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.base_dir / "engine"
        self._file = self.folder / "engine.json"

    @property
    def log(self) -> Path:
        return self.folder / "engine.log"

    @property
    def _scratch(self) -> Path:
        return self.folder / "scratch"

    def last_started(self) -> EngineProcess | None:
        """The engine that was started last, running or not."""
        try:
            return EngineProcess(**json.loads(self._file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def start(self, memory: str = "", seconds: float = 90) -> EngineProcess:
        """Start the engine and wait until it accepts connections; one that runs is left as it is.

        Raises:
            StackError: it does not start; the message has the end of its log.
            EngineError: there is no Java, or the jars are missing.
        """
        before = self.last_started()
        if before is not None and before.is_running and is_listening(before.port):
            return before
        if before is None or not before.is_running:
            # What an engine had on the disk that was killed; one that ends by itself removes it.
            shutil.rmtree(self._scratch, ignore_errors=True)
        port = before.port if before is not None and not is_taken(before.port) else free_port()
        token = before.token if before is not None else secrets.token_urlsafe(24)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        close_to_others(self.folder)
        process = ManagedProcess("Spark engine", self._command(port, memory), self.log, _environment(token))
        engine = EngineProcess(process.pid, port, token)
        self._save(engine)
        process.wait_until(lambda: is_listening(port), seconds)
        return engine

    def stop(self, seconds: float = 20) -> bool:
        """End the engine by its process id; whether it was running."""
        engine = self.last_started()
        if engine is None or not engine.is_running:
            return False
        os.kill(engine.pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while engine.is_running:
            if time.monotonic() > deadline:
                os.kill(engine.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(engine.pid, os.WNOHANG)
            time.sleep(0.1)
        # A process counts as ended a moment before the last of its threads lets go of the port.
        deadline = time.monotonic() + _PORT_RELEASE_SECONDS
        while is_listening(engine.port) and time.monotonic() < deadline:
            time.sleep(0.1)
        return True

    def _command(self, port: int, memory: str) -> list[str]:
        import pyspark

        conf = engine_conf(memory) | {
            "spark.master": "local[*]",
            "spark.app.name": "fitness_assets",
            "spark.connect.grpc.binding.address": LOOPBACK,
            "spark.connect.grpc.binding.port": str(port),
            "spark.local.dir": str(self._scratch),
        }
        properties = self.folder / "spark.conf"
        properties.write_text("".join(f"{name} {value}\n" for name, value in conf.items()), encoding="utf-8")
        spark_submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
        return [str(spark_submit), "--class", _SERVER_CLASS, "--properties-file", str(properties), "spark-internal"]

    def _save(self, engine: EngineProcess) -> None:
        """Only the owner may read the token."""
        write_private(self._file, json.dumps(asdict(engine)))


def _environment(token: str) -> dict[str, str | None]:
    """The token goes by the environment: a command line can be read by every user of the machine."""
    return engine_environment() | {"SPARK_LOCAL_IP": LOOPBACK, "SPARK_CONNECT_AUTHENTICATE_TOKEN": token}


def running_engine(settings: Settings) -> EngineProcess:
    """The running engine of a base folder.

    Raises:
        StackError: there is none.
    """
    engine = EngineServer(settings).last_started()
    if engine is None or not engine.is_running:
        raise StackError("The engine is not running. Start it: fitness-assets engine start.")
    return engine
