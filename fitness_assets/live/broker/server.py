"""Apache Kafka itself on loopback: one broker in KRaft mode, from its published jars."""

import base64
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # documented, not in __all__
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from fitness_assets.engine.jars import KAFKA_BROKER
from fitness_assets.engine.java import java_home
from fitness_assets.errors import StackError
from fitness_assets.live.broker.login import BrokerLogin, login_of, server_settings
from fitness_assets.live.processes.managed_process import ManagedProcess
from fitness_assets.live.processes.ports import LOOPBACK, free_port, is_listening
from fitness_assets.private_files import write_private
from fitness_assets.settings.environment import child_environment

_ITERATIONS = 4096
"""The fewest that Kafka takes: what is derived is a password of 24 random bytes, which nobody guesses."""
_LOGGING_CONFIG = Path(__file__).resolve().parent / "log4j2.yaml"
_PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller}
controller.listener.names=CONTROLLER
listeners=CLIENTS://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=CLIENTS://{host}:{port},CONTROLLER://{host}:{controller}
inter.broker.listener.name=CLIENTS
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
num.partitions=2
auto.create.topics.enable=true
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""


class Broker:
    """A broker whose topics lie in a folder and are there again at the next start."""

    def __init__(
        self, folder: Path, port: int, settings: Mapping[str, str] | None = None, asks_for_login: bool = False
    ) -> None:
        """
        Args:
            settings: further settings in Kafka's own names; they win. The listener of clients is `CLIENTS`.
            asks_for_login: whether it talks to its one user alone, and not to everybody on this machine.
        """
        self._folder = folder
        self.port = port
        self._settings = settings or {}
        self._asks_for_login = asks_for_login
        self._own_login: BrokerLogin | None = None
        self._process: ManagedProcess | None = None

    @property
    def address(self) -> str:
        """What `KAFKA_BOOTSTRAP_SERVERS` is set to."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def login(self) -> BrokerLogin | None:
        """With what a client may talk to it; None where nobody is asked."""
        return login_of(self._folder) if self._asks_for_login else None

    @property
    def for_librdkafka(self) -> dict[str, str]:
        """The settings of a client."""
        login = self.login
        return {"bootstrap.servers": self.address, **(login.for_librdkafka if login else {})}

    def start(self, seconds: float = 60) -> ManagedProcess:
        """Start it, the first time with a new cluster, and wait until it accepts connections.

        Raises:
            StackError: it does not start; the message has the end of its log.
            EngineError: its jars cannot be had.
        """
        KAFKA_BROKER.resolve()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._own_login = BrokerLogin.new("broker") if self._asks_for_login else None
        properties = self._write_properties()
        if not (self._folder / "topics" / "meta.properties").exists():
            self._format_storage(properties)
        command = [*self._java_command(), "kafka.Kafka", str(properties)]
        self._process = ManagedProcess("Kafka broker", command, self._folder / "broker.log", {})
        try:
            self._process.wait_until(lambda: is_listening(self.port), seconds)
            self._admit_user(seconds)
            write_private(self._folder / "address", self.address)
        except Exception:
            self._process.stop()  # or it would hold its port, and nobody would know of it
            raise
        return self._process

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _write_properties(self) -> Path:
        properties = self._folder / "server.properties"
        defaults = _PROPERTIES.format(
            host=LOOPBACK, port=self.port, controller=free_port(), data=self._folder / "topics"
        )
        secured = server_settings(self._own_login) if self._own_login else {}
        overrides = "".join(f"{name}={value}\n" for name, value in {**secured, **self._settings}.items())
        write_private(properties, defaults + overrides)
        return properties

    def _admit_user(self, seconds: float) -> None:
        """Make the login known to the broker, which keeps it, also to one whose topics are older than its login."""
        login = self.login
        if login is None or self._own_login is None:
            return
        own = {**self._own_login.for_librdkafka, "sasl.mechanism": "PLAIN"}
        admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0, **own})
        user = UserScramCredentialUpsertion(
            login.username,
            ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, _ITERATIONS),
            login.password.encode(),
        )
        try:
            for done in admin.alter_user_scram_credentials([user], request_timeout=seconds).values():
                done.result(seconds)
        except KafkaException as error:
            raise StackError(f"The broker did not take its user: {error}. Its log is in {self._folder}.") from error

    def _format_storage(self, properties: Path) -> None:
        # An id in Kafka's form; its first character may not be taken for the beginning of an option.
        cluster_id = base64.urlsafe_b64encode(b"\0" + secrets.token_bytes(15)).decode().rstrip("=")
        command = [*self._java_command(), "kafka.tools.StorageTool", "format", "--standalone", "-t", cluster_id]
        command += ["-c", str(properties)]
        environment = child_environment({}, secrets=())
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if result.returncode:
            raise StackError(f"The broker's folder {self._folder} could not be set up: {result.stdout}{result.stderr}")

    def _java_command(self) -> list[str]:
        memory = ["-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:-UsePerfData"]
        logging = f"-Dlog4j2.configurationFile={_LOGGING_CONFIG.as_uri()}"
        return [str(java_home() / "bin" / "java"), *memory, logging, "-cp", KAFKA_BROKER.class_path()]
