"""Apache Kafka itself on loopback: one broker in KRaft mode, from its published jars."""

import base64
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path

from fitness_assets.engine.jars import KAFKA_BROKER
from fitness_assets.engine.java import java_home
from fitness_assets.errors import StackError
from fitness_assets.live.child import Child
from fitness_assets.live.ports import LOOPBACK, answers, free_port

_LOGGING = Path(__file__).resolve().parent / "broker_log4j2.yaml"
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

    def __init__(self, folder: Path, port: int, settings: Mapping[str, str] | None = None) -> None:
        """
        Args:
            settings: further settings in Kafka's own names; they win. The listener of clients is `CLIENTS`.
        """
        self._folder = folder
        self.port = port
        self._settings = settings or {}
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """What `KAFKA_BOOTSTRAP_SERVERS` is set to."""
        return f"{LOOPBACK}:{self.port}"

    def start(self, seconds: float = 60) -> Child:
        """Start it, the first time with a new cluster, and wait until it accepts connections.

        Raises:
            StackError: it does not start; the message has the end of its log.
            EngineError: its jars are not there.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        properties = self._folder / "server.properties"
        usual = _PROPERTIES.format(host=LOOPBACK, port=self.port, controller=free_port(), data=self._folder / "topics")
        further = "".join(f"{name}={value}\n" for name, value in self._settings.items())
        properties.write_text(usual + further, encoding="utf-8")
        if not (self._folder / "topics" / "meta.properties").exists():
            self._format(properties)
        self._child = Child(
            "Kafka broker", [*self._java(), "kafka.Kafka", str(properties)], self._folder / "broker.log", {}
        )
        self._child.wait_until(lambda: answers(self.port), seconds)
        return self._child

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()

    def _format(self, properties: Path) -> None:
        # An id in Kafka's form; its first character may not be taken for the beginning of an option.
        cluster = base64.urlsafe_b64encode(b"\0" + secrets.token_bytes(15)).decode().rstrip("=")
        command = [*self._java(), "kafka.tools.StorageTool", "format", "--standalone", "-t", cluster]
        done = subprocess.run([*command, "-c", str(properties)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise StackError(f"The broker's folder {self._folder} could not be set up: {done.stdout}{done.stderr}")

    def _java(self) -> list[str]:
        memory = ["-Xms128m", "-Xmx384m", "-XX:+UseSerialGC"]
        logging = f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}"
        return [str(java_home() / "bin" / "java"), *memory, logging, "-cp", KAFKA_BROKER.class_path()]
