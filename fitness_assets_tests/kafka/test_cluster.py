"""A real broker through our settings, and one that hangs."""

import socket
import time

import pytest

from fitness_assets.cli.main import main
from fitness_assets.errors import KafkaError
from fitness_assets.kafka.cluster import Cluster
from fitness_assets.live.broker.server import Broker
from fitness_assets.live.processes.ports import free_port
from fitness_assets.settings import KafkaSettings


@pytest.mark.slow
def test_a_broker_that_accepts_and_never_answers_is_given_up_in_bounded_time() -> None:
    with socket.socket() as hanging:
        hanging.bind(("127.0.0.1", 0))
        hanging.listen()
        began = time.monotonic()
        with pytest.raises(KafkaError, match="no answer within 4 s"):
            Cluster(KafkaSettings(servers=f"127.0.0.1:{hanging.getsockname()[1]}", group="us")).describe_topics(["bpm"])
        assert time.monotonic() - began < 60


@pytest.mark.slow
def test_why_the_client_cannot_connect_is_told_each_time() -> None:
    cluster = Cluster(KafkaSettings(servers=f"127.0.0.1:{free_port()}", group="us"))
    for _ in range(2):
        with pytest.raises(KafkaError, match=r"no answer within 4 s \(.*Connection refused\)"):
            cluster.describe_topics(["bpm"])


def test_a_setting_that_the_client_does_not_know_is_named() -> None:
    with pytest.raises(KafkaError, match=r"FITNESS_KAFKA_ settings are refused.*no\.such\.setting"):
        Cluster(KafkaSettings(servers="127.0.0.1:1", group="us", client={"no.such.setting": "x"}))


def test_a_topic_that_is_not_there_is_left_out(broker: Broker) -> None:
    assert Cluster(KafkaSettings(servers=broker.address, group="us")).describe_topics(["there_is_no_such_topic"]) == {}


def test_the_command_shows_how_far_each_partition_is_read(
    broker: Broker, tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path))
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    assert main(["kafka"]) == 1
    assert "KAFKA_BOOTSTRAP_SERVERS is not set" in capsys.readouterr().err
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker.address)
    assert main(["kafka"]) == 0
    assert "unread" in capsys.readouterr().out
