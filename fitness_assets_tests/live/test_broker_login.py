"""The live stack's broker talks to its own user, and to nobody else on the machine."""

import socket
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from fitness_assets.errors import StackError
from fitness_assets.live.broker.login import BrokerLogin, live_broker_variables
from fitness_assets.live.broker.server import Broker
from fitness_assets.live.processes.ports import free_port
from fitness_assets.settings import KafkaSettings, Settings
from fitness_assets_tests.kafka.topics import create_topic

pytestmark = pytest.mark.programs

RECORDS = [b"one", b"two", b"three"]
_API_VERSIONS, _DESCRIBE_CLUSTER = 18, 60


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("base")


@pytest.fixture(scope="module")
def broker(base: Path) -> Iterator[Broker]:
    """One whose topics were made before it asked for a login, as those of an older live stack."""
    folder = base / "live" / "broker"
    before = Broker(folder, free_port())
    before.start()
    create_topic(before, "bpm")
    before.stop()
    broker = Broker(folder, free_port(), asks_for_login=True)
    broker.start()
    yield broker
    broker.stop()


def topics(broker: Broker, **client: str) -> set[str]:
    named = {name.replace("_", "."): text for name, text in client.items()}
    admin = AdminClient({**broker.for_librdkafka, "log_level": 0, **named})
    return set(admin.list_topics(timeout=6).topics)


def test_whoever_has_the_login_writes_and_reads(broker: Broker, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in live_broker_variables(Settings(base_dir=base)).items():
        monkeypatch.setenv(name, text)
    settings = KafkaSettings.from_env()
    assert settings is not None and settings.servers == broker.address
    producer = Producer({**settings.for_librdkafka, "transactional.id": "a transaction talks to the broker itself"})
    producer.init_transactions(30)
    producer.begin_transaction()
    for record in RECORDS:
        producer.produce("bpm", record)
    producer.commit_transaction(30)
    consumer = Consumer({**settings.for_librdkafka, "group.id": "readers", "auto.offset.reset": "earliest"})
    consumer.subscribe(["bpm"])
    assert [message.value() for message in consumer.consume(len(RECORDS), timeout=30)] == RECORDS
    consumer.close()


def test_nobody_else_is_talked_to(broker: Broker) -> None:
    assert "bpm" in topics(broker)
    for client in (
        {"security_protocol": "PLAINTEXT"},
        {"sasl_password": "guessed"},
        {"sasl_username": "broker", "sasl_mechanism": "PLAIN"},
        {"sasl_mechanism": "PLAIN"},
    ):
        with pytest.raises(KafkaException):
            topics(broker, **client)


def test_the_controller_answers_no_stranger(broker: Broker, base: Path) -> None:
    properties = (base / "live" / "broker" / "server.properties").read_text().splitlines()
    port = next(int(line.rpartition(":")[2]) for line in properties if line.startswith("controller.quorum"))
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for api in (_API_VERSIONS, _DESCRIBE_CLUSTER):
            client = b"stranger"
            request = struct.pack(f">hhih{len(client)}s", api, 0, 1, len(client), client) + b"\0" * 3
            connection.sendall(struct.pack(">i", len(request)) + request)
            answer = connection.recv(65536)
            # Which requests it knows, everybody may ask; whoever asks for anything else is hung up on.
            assert bool(answer) == (api == _API_VERSIONS)


def test_passwords_lie_in_files_of_their_owner_and_stay_over_a_new_start(broker: Broker, base: Path) -> None:
    folder, login = base / "live" / "broker", broker.login
    assert login is not None
    secret = [file for file in folder.iterdir() if file.is_file() and "assword" in file.read_text()]
    assert {file.name for file in secret} == {"login.json", "server.properties"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in secret} == {0o600}
    first = (folder / "server.properties").read_text()
    broker.stop()
    broker.start()
    assert broker.login == login and "bpm" in topics(broker)
    assert (folder / "server.properties").read_text() != first, "the broker's own password is another each time"


def test_without_a_live_stack_it_is_said_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"No live stack was started on .*Start it: make live"):
        live_broker_variables(Settings(base_dir=tmp_path))


def test_a_password_is_not_shown_by_accident() -> None:
    assert BrokerLogin("fitness", "s3cret").password not in repr(BrokerLogin("fitness", "s3cret"))
