"""A broker behind SASL and TLS, by the FITNESS_KAFKA_ settings: what it holds, and when it refuses us."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from fitness_assets.errors import KafkaError
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.live.broker.server import Broker
from fitness_assets.settings import KafkaSettings
from fitness_assets_tests.kafka.secure_broker import PASSWORD, USER, secure_broker, write_certificate
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import NOON, reading

pytestmark = pytest.mark.programs

SettingsFactory = Callable[..., KafkaSettings]


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What is to be set for our client to reach the broker."""
    folder = tmp_path_factory.mktemp("secure")
    broker = secure_broker(folder)
    broker.start()
    yield {
        "KAFKA_BOOTSTRAP_SERVERS": broker.address,
        "FITNESS_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "FITNESS_KAFKA_SASL_MECHANISM": "PLAIN",
        "FITNESS_KAFKA_SASL_USERNAME": USER,
        "FITNESS_KAFKA_SASL_PASSWORD": PASSWORD,
        "FITNESS_KAFKA_SSL_CA_LOCATION": str(folder / "trusted.pem"),
    }
    broker.stop()


@pytest.fixture
def settings(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> SettingsFactory:
    """The settings of the environment, some of them changed."""

    def read(**changed: str) -> KafkaSettings:
        for name, value in (variables | changed).items():
            monkeypatch.setenv(name, value)
        settings = KafkaSettings.from_env()
        assert settings is not None
        return settings

    return read


def fill(settings: KafkaSettings, topic: str, records: int) -> None:
    admin = AdminClient({**settings.for_librdkafka})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(20)
    producer = Producer(settings.for_librdkafka)
    for number in range(records):
        producer.produce(topic, reading(7, NOON + number, 60.0))
    assert producer.flush(20) == 0


def test_ends_and_offsets_are_read_and_committed(settings: SettingsFactory) -> None:
    fill(settings(), "offsets", 3)
    cluster = Cluster(settings())
    topics = cluster.describe_topics(["offsets"])
    assert topics["offsets"].partitions[0].high == 3
    assert cluster.committed(topics.values()) == {}
    cluster.commit({("offsets", 0): 2})
    assert Cluster(settings()).committed(topics.values()) == {("offsets", 0): 2}


def test_records_are_read_by_the_same_settings(settings: SettingsFactory, platform: Platform) -> None:
    fill(settings(), "bpm", 5)
    platform.lake.settings = platform.settings.model_copy(update={"kafka": settings()})
    result = platform.update("bronz_db.kafka_multiplex_bz")["bronz_db.kafka_multiplex_bz"]
    assert (result.inserted, result.problem) == (5, "")
    assert Cluster(settings()).committed(Cluster(settings()).describe_topics(["bpm"]).values()) == {("bpm", 0): 5}


def test_a_wrong_password_is_named_in_bounded_time(settings: SettingsFactory) -> None:
    assert_refused(settings(FITNESS_KAFKA_SASL_PASSWORD="wrong"), r"cannot be used: .*[Aa]uthentication failed")


def test_a_certificate_that_is_not_trusted_is_named_in_bounded_time(settings: SettingsFactory, tmp_path: Path) -> None:
    write_certificate(tmp_path)
    other = settings(FITNESS_KAFKA_SSL_CA_LOCATION=str(tmp_path / "trusted.pem"))
    assert_refused(other, r"cannot be used: .*certificate verify failed")


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL"])
def test_another_protocol_than_the_brokers_leads_to_the_setting(settings: SettingsFactory, protocol: str) -> None:
    other = settings(FITNESS_KAFKA_SECURITY_PROTOCOL=protocol)
    assert_refused(
        other, rf"no answer within 4 s \(is it a broker, and one that speaks {protocol}\? See security.protocol\)"
    )


def test_tls_to_a_broker_without_it_says_so(settings: SettingsFactory, broker: Broker) -> None:
    """In the words of the client, or where the broker hung up before it had any, with where to look."""
    reason = "no answer within 4 s .*(connecting to a PLAINTEXT broker|speaks SASL_SSL. See security.protocol)"
    assert_refused(settings(KAFKA_BOOTSTRAP_SERVERS=broker.address), reason)


def assert_refused(settings: KafkaSettings, reason: str) -> None:
    began = time.monotonic()
    with pytest.raises(KafkaError, match=reason) as raised:
        Cluster(settings).describe_topics(["bpm"])
    assert time.monotonic() - began < 30
    assert PASSWORD not in str(raised.value)
