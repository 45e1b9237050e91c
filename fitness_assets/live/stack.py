"""The live stack: broker, engine, Dagster, dashboard and producer, watched together and ended together."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fitness_assets.errors import StackError
from fitness_assets.live.processes.logs import bound_log
from fitness_assets.live.processes.managed_process import ManagedProcess
from fitness_assets.live.processes.orphans import StartedProcesses
from fitness_assets.live.processes.ports import is_taken
from fitness_assets.live.servers import Servers, StackOptions
from fitness_assets.private_files import close_to_others
from fitness_assets.settings import Settings

_WATCH_SECONDS = 1.0
_MAX_RESTARTS, _RESTART_WINDOW_SECONDS = 5, 300.0


class Stack:
    """All processes of one base folder."""

    def __init__(self, settings: Settings, options: StackOptions, echo: Callable[[str], None]) -> None:
        self._settings = settings
        self._options = options
        self._echo = echo
        self._folder = settings.base_dir / "live"
        self._servers = Servers(settings, options, self._folder)
        self._processes: dict[str, ManagedProcess] = {}
        self._started = StartedProcesses(self._folder / "processes.json")
        self._restarts: list[float] = []

    def run(self, wait_for_stop: Callable[[float], bool]) -> None:
        """Start everything, bring back what ends, and end it all when told to.

        Args:
            wait_for_stop: waits for so many seconds at most and says whether to end.

        Raises:
            StackError: a port is taken, another stack runs on this folder, or something does not start or stay.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        close_to_others(self._folder)
        with self._exclusive_lock():
            self._end_orphans()
            self._check_ports()
            try:
                for name in self._servers.starters():
                    self._start(name)
                    if wait_for_stop(0):
                        return
                for line in self._servers.addresses():
                    self._echo(line)
                self._echo("Ctrl-C ends all of it; what is in the topics and tables stays.")
                while not wait_for_stop(_WATCH_SECONDS):
                    self._restart_ended()
                    self._bound_logs()
            finally:
                self.stop()

    def stop(self) -> None:
        """End everything, last started first."""
        for name, process in reversed(self._processes.items()):
            self._echo(f"  stopping {name} ...")
            process.stop()
        if self._servers.engine.stop():
            self._echo("  stopping engine ...")
        self._processes.clear()
        self._started.save({})

    def _start(self, name: str) -> None:
        started = time.monotonic()
        process = self._servers.starters()[name]()
        if process is not None:
            self._processes[name] = process
        pids = {process.name: process.pid for process in self._processes.values()}
        engine = self._servers.engine.last_started()
        self._started.save(pids | ({"engine": engine.pid} if engine else {}))
        self._echo(f"  {name:<12} ready after {time.monotonic() - started:.1f} s")

    def _restart_ended(self) -> None:
        for name in self._ended():
            last_lines = ""
            if name in self._processes:
                last_lines = self._processes[name].last_lines()
                self._processes[name].stop()  # what it had started must not hold its port
            hint = f" Its last lines:\n{last_lines}" if last_lines else ""
            self._echo(f"The {name} ended; it is started again.{hint}")
            self._count_restart(name)
            self._start(name)

    def _bound_logs(self) -> None:
        for log in (self._servers.engine.log, *(process.log for process in self._processes.values())):
            bound_log(log)

    def _ended(self) -> list[str]:
        engine = self._servers.engine.last_started()
        ended = [name for name, process in self._processes.items() if not process.is_running]
        return ended + (["engine"] if engine is None or not engine.is_running else [])

    def _count_restart(self, name: str) -> None:
        now = time.monotonic()
        self._restarts = [at for at in self._restarts if now - at < _RESTART_WINDOW_SECONDS]
        if len(self._restarts) >= _MAX_RESTARTS:
            raise StackError(f"The {name} ends again and again; its log is in {self._folder}.")
        self._restarts.append(now)

    def _end_orphans(self) -> None:
        for name in self._started.end_orphans():
            self._echo(f"  the {name} of a stack that was killed is ended")

    def _check_ports(self) -> None:
        for name, port in self._options.ports.items():
            if is_taken(port):
                raise StackError(f"Port {port} is taken. End what listens there, or choose another: make live {name}=…")

    @contextmanager
    def _exclusive_lock(self) -> Iterator[None]:
        with (self._folder / "stack.lock").open("a", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError(f"A live stack already runs on {self._settings.base_dir}.") from None
            yield
