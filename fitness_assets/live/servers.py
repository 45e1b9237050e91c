"""The servers of the live stack, one after the other: what each is started with, and when it is ready."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # documented, not in __all__

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.errors import StackError
from fitness_assets.live.broker.server import Broker
from fitness_assets.live.dagster.instance import cancel_unfinished_runs, dagster_home, launch_stream_run
from fitness_assets.live.engine.server import EngineServer
from fitness_assets.live.processes.managed_process import ManagedProcess
from fitness_assets.live.processes.ports import LOOPBACK, is_listening
from fitness_assets.settings import KafkaSettings, Settings
from fitness_assets.settings.secrets import ALL, Secret
from fitness_assets.settings.sql_source import SqlSettings

PARTITIONS = 2
_CLI = [sys.executable, "-m", "fitness_assets.cli.main"]


@dataclass(frozen=True)
class StackOptions:
    """What to start.

    Attributes:
        produce: options of `fitness-assets produce`; None for no producer.
        stream: seconds between the intervals of a stream run; None where the sensors ask for runs.
        dashboard_port: None for no dashboard.
    """

    ui_port: int = 3000
    kafka_port: int = 9092
    memory: str = ""
    produce: tuple[str, ...] | None = ()
    stream: float | None = None
    dashboard_port: int | None = 8050

    @property
    def ports(self) -> dict[str, int]:
        """Each port that must be free, by the name of the `make` variable that chooses another."""
        ports = {"PORT": self.ui_port, "KAFKA_PORT": self.kafka_port, "DASHBOARD_PORT": self.dashboard_port}
        return {name: port for name, port in ports.items() if port is not None}


class Servers:
    """The servers of one base folder, whose logs lie in `folder`."""

    def __init__(self, settings: Settings, options: StackOptions, folder: Path) -> None:
        self._settings = settings
        self._options = options
        self._folder = folder
        self._broker = Broker(folder / "broker", options.kafka_port, asks_for_login=True)
        self.engine = EngineServer(settings)

    def starters(self) -> dict[str, Callable[[], ManagedProcess | None]]:
        """By name, in the order in which they need one another: what starts each.

        The engine and the stream run give no process: the one is found by its own note, the other is Dagster's.
        """
        starters: dict[str, Callable[[], ManagedProcess | None]] = {
            "broker": self._start_broker,
            "engine": self._start_engine,
            "Dagster": self._start_dagster,
        }
        if self._options.dashboard_port is not None:
            starters["dashboard"] = self._start_dashboard
        if self._options.stream is not None:
            starters["stream run"] = self._launch_stream_run
        if self._options.produce is not None:
            starters["producer"] = self._start_producer
        return starters

    def addresses(self) -> list[str]:
        """Where a person finds what, a line each."""
        engine = self.engine.last_started()
        dashboard_port = self._options.dashboard_port
        return [
            *([f"Dashboard     http://{LOOPBACK}:{dashboard_port}"] if dashboard_port is not None else []),
            f"Dagster       http://{LOOPBACK}:{self._options.ui_port}",
            f'Kafka         {self._broker.address} (eval "$(fitness-assets kafka --exports)")',
            f"Spark         port {engine.port if engine else '?'} (fitness-assets engine address)",
            f"Landing zone  {self._settings.landing_zone}",
            f"Logs          {self._folder}",
        ]

    def _start_broker(self) -> ManagedProcess:
        process = self._broker.start()
        admin = AdminClient({**self._broker.for_librdkafka, "log_level": 0})
        existing = set(admin.list_topics(timeout=20).topics)
        new = [
            NewTopic(name, num_partitions=PARTITIONS, replication_factor=1) for name in TOPICS if name not in existing
        ]
        for name, future in admin.create_topics(new).items() if new else ():
            try:
                future.result(20)
            except KafkaException as error:
                raise StackError(f"The topic {name} could not be made: {error}") from error
        return process

    def _start_engine(self) -> None:
        self.engine.start(self._options.memory)

    def _start_dagster(self) -> ManagedProcess:
        home = dagster_home(self._settings)
        cancel_unfinished_runs(home)
        command = [*_CLI, "ui", "--port", str(self._options.ui_port), "--home", str(home)]
        environment = {**self._environment(Secret.KAFKA, Secret.ENGINE), "FITNESS_AUTOMATIC": "1"}
        process = ManagedProcess("Dagster", command, self._folder / "dagster.log", environment, ALL)
        process.wait_until(lambda: is_listening(self._options.ui_port), 120)
        return process

    def _start_dashboard(self) -> ManagedProcess:
        port = self._options.dashboard_port or 0
        command = [*_CLI, "dashboard", "--port", str(port)]
        # It asks the broker how much is unread.
        process = ManagedProcess("dashboard", command, self._folder / "dashboard.log", self._environment(Secret.KAFKA))
        process.wait_until(lambda: is_listening(port), 60)
        return process

    def _launch_stream_run(self) -> None:
        launch_stream_run(self._options.ui_port, self._options.stream or 1.0)

    def _start_producer(self) -> ManagedProcess:
        command = [*_CLI, "produce", "--to", "kafka", *(self._options.produce or ())]
        environment, source = self._environment(Secret.KAFKA), SqlSettings.from_env()
        # Registrations and gym logins go to the database, where there is one.
        secrets = source.secrets if source else ()
        return ManagedProcess("producer", command, self._folder / "producer.log", environment, secrets)

    def _environment(self, *secrets: Secret) -> dict[str, str | None]:
        """Where things are, and these secrets of the stack's own."""
        # What was set of another broker is none of this one's.
        environment: dict[str, str | None] = dict.fromkeys(KafkaSettings.client_variables())
        environment["FITNESS_BASE_DIR"] = str(self._settings.base_dir)
        login, engine = self._broker.login, self.engine.last_started()
        if login is not None and Secret.KAFKA in secrets:
            environment |= login.variables(self._broker.address)
        environment["SPARK_REMOTE"] = engine.address if engine and Secret.ENGINE in secrets else None
        return environment
