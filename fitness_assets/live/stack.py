"""The live stack: broker, engine, Dagster, dashboard and producer, watched together and ended together."""

import fcntl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # documented, not in __all__

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.engine.jars import KAFKA_BROKER
from fitness_assets.errors import StackError
from fitness_assets.live.broker import Broker
from fitness_assets.live.child import Child
from fitness_assets.live.engine import EngineServer
from fitness_assets.live.instance import dagster_home, end_unfinished_runs, launch_stream
from fitness_assets.live.left_over import LeftOver
from fitness_assets.live.ports import LOOPBACK, answers, taken
from fitness_assets.settings import Settings

PARTITIONS = 2
_WATCH_SECONDS = 1.0
_RESTARTS, _WITHIN_SECONDS = 5, 300.0


@dataclass(frozen=True)
class Plan:
    """What to start.

    Attributes:
        produce: options of `fitness-assets produce`; None for no producer.
        stream: seconds between the intervals of a stream run; None where the sensors ask for runs.
        dashboard_port: None for no dashboard.
    """

    ui_port: int = 3000
    kafka_port: int = 9092
    memory: str = "3g"
    produce: tuple[str, ...] | None = ()
    stream: float | None = None
    dashboard_port: int | None = 8050


class Stack:
    """All processes of one base folder."""

    def __init__(self, settings: Settings, plan: Plan, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._plan = plan
        self._say = say
        self._folder = settings.base_dir / "live"
        self._broker = Broker(self._folder / "broker", plan.kafka_port)
        self._engine = EngineServer(settings)
        self._children: dict[str, Child] = {}
        self._left_over = LeftOver(self._folder / "processes.json")
        self._restarts: list[float] = []

    @property
    def ui(self) -> str:
        return f"http://{LOOPBACK}:{self._plan.ui_port}"

    def run(self, stopping: Callable[[float], bool]) -> None:
        """Start everything, bring back what ends, and end it all when told to.

        Args:
            stopping: waits for so many seconds and says whether to end.

        Raises:
            StackError: a port is taken, another stack runs on this folder, or something does not start or stay.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            self._clear_the_ground()
            try:
                for name, start in self._parts().items():
                    self._start(name, start)
                    if stopping(0):
                        return
                self._tell()
                while not stopping(_WATCH_SECONDS):
                    self._watch()
            finally:
                self.stop()

    def stop(self) -> None:
        """End everything, last started first."""
        for name, child in reversed(self._children.items()):
            self._say(f"  stopping {name} ...")
            child.stop()
        if self._engine.stop():
            self._say("  stopping engine ...")
        self._children.clear()
        self._left_over.note({})

    def _parts(self) -> dict[str, Callable[[], Child | None]]:
        parts: dict[str, Callable[[], Child | None]] = {
            "broker": self._start_broker,
            "engine": self._start_engine,
            "Dagster": self._start_dagster,
        }
        if self._plan.dashboard_port is not None:
            parts["dashboard"] = self._start_dashboard
        if self._plan.stream is not None:
            parts["stream run"] = self._start_stream
        if self._plan.produce is not None:
            parts["producer"] = self._start_producer
        return parts

    def _start(self, name: str, start: Callable[[], Child | None]) -> None:
        began = time.monotonic()
        child = start()
        if child is not None:
            self._children[name] = child
        pids = {name: child.pid for name, child in self._children.items()}
        engine = self._engine.found()
        self._left_over.note(pids | ({"engine": engine.pid} if engine else {}))
        self._say(f"  {name:<12} ready after {time.monotonic() - began:.1f} s")

    def _watch(self) -> None:
        engine = self._engine.found()
        ended = [name for name, child in self._children.items() if not child.running()]
        ended += ["engine"] if engine is None or not engine.running else []
        for name in ended:
            last = ""
            if name in self._children:
                last = self._children[name].last_lines()
                self._children[name].stop()  # what it had started must not hold its port
            self._say(f"The {name} ended; it is started again." + (f" Its last lines:\n{last}" if last else ""))
            self._restarts = [at for at in self._restarts if time.monotonic() - at < _WITHIN_SECONDS]
            if len(self._restarts) >= _RESTARTS:
                raise StackError(f"The {name} ends again and again; its log is in {self._folder}.")
            self._restarts.append(time.monotonic())
            self._start(name, self._parts()[name])

    def _start_broker(self) -> Child:
        KAFKA_BROKER.resolve()
        child = self._broker.start()
        admin = AdminClient({"bootstrap.servers": self._broker.address, "log_level": 0})
        there = set(admin.list_topics(timeout=20).topics)
        new = [NewTopic(name, num_partitions=PARTITIONS, replication_factor=1) for name in TOPICS if name not in there]
        for name, made in admin.create_topics(new).items() if new else ():
            try:
                made.result(20)
            except KafkaException as error:
                raise StackError(f"The topic {name} could not be made: {error}") from error
        return child

    def _start_engine(self) -> None:
        self._engine.start(self._plan.memory)

    def _start_dagster(self) -> Child:
        home = dagster_home(self._settings)
        end_unfinished_runs(home)
        command = [sys.executable, "-m", "dagster", "dev", "-m", "fitness_assets.definitions", "-h", LOOPBACK]
        child = Child(
            "Dagster",
            [*command, "-p", str(self._plan.ui_port)],
            self._folder / "dagster.log",
            {**self._environment(), "DAGSTER_HOME": str(home), "FITNESS_AUTOMATIC": "1"},
        )
        child.wait_until(lambda: answers(self._plan.ui_port), 120)
        return child

    def _start_dashboard(self) -> Child:
        port = self._plan.dashboard_port or 0
        command = [sys.executable, "-m", "fitness_assets.cli.main", "dashboard", "--port", str(port)]
        child = Child("dashboard", command, self._folder / "dashboard.log", self._environment())
        child.wait_until(lambda: answers(port), 60)
        return child

    def _start_stream(self) -> None:
        launch_stream(self._plan.ui_port, self._plan.stream or 1.0)

    def _start_producer(self) -> Child:
        command = [sys.executable, "-m", "fitness_assets.cli.main", "produce", "--to", "kafka"]
        return Child(
            "producer",
            [*command, *(self._plan.produce or ())],
            self._folder / "producer.log",
            self._environment(),
        )

    def _environment(self) -> dict[str, str | None]:
        engine = self._engine.found()
        return {
            "FITNESS_BASE_DIR": str(self._settings.base_dir),
            "KAFKA_BOOTSTRAP_SERVERS": self._broker.address,
            "SPARK_REMOTE": engine.address if engine else None,
        }

    def _clear_the_ground(self) -> None:
        for name in self._left_over.end():
            self._say(f"  the {name} of a stack that was killed is ended")
        ports = {
            "PORT": self._plan.ui_port,
            "KAFKA_PORT": self._plan.kafka_port,
            "DASHBOARD_PORT": self._plan.dashboard_port,
        }
        for name, port in ports.items():
            if port is not None and taken(port):
                raise StackError(f"Port {port} is taken. End what listens there, or choose another: make live {name}=…")

    @contextmanager
    def _alone(self) -> Iterator[TextIO]:
        with (self._folder / "stack.lock").open("a", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError(f"A live stack already runs on {self._settings.base_dir}.") from None
            yield lock

    def _tell(self) -> None:
        engine = self._engine.found()
        if self._plan.dashboard_port is not None:
            self._say(f"Dashboard     http://{LOOPBACK}:{self._plan.dashboard_port}")
        self._say(f"Dagster       {self.ui}")
        self._say(f"Kafka         {self._broker.address}")
        self._say(f"Spark         port {engine.port if engine else '?'} (fitness-assets engine address)")
        self._say(f"Landing zone  {self._settings.landing_zone}")
        self._say(f"Logs          {self._folder}")
        self._say("Ctrl-C ends all of it; what is in the topics and tables stays.")
