"""The broker's settings, as Event Hubs, Confluent and a broker without security need them."""

import pytest

from fitness_assets.errors import SettingError
from fitness_assets.settings import KafkaSettings


def settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> KafkaSettings:
    for name, value in {"KAFKA_BOOTSTRAP_SERVERS": "hub:9093", **variables}.items():
        monkeypatch.setenv(name, value)
    settings = KafkaSettings.from_env("qa")
    assert settings is not None
    return settings


def test_without_servers_there_is_no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    assert KafkaSettings.from_env() is None


def test_the_group_is_named_after_the_environment_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings(monkeypatch).group == "fitness_assets_qa"
    assert settings(monkeypatch, FITNESS_KAFKA_GROUP="mine").group == "mine"


def test_event_hubs_and_confluent_by_sasl_and_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    configured = settings(
        monkeypatch,
        FITNESS_KAFKA_SECURITY_PROTOCOL="SASL_SSL",
        FITNESS_KAFKA_SASL_MECHANISM="PLAIN",
        FITNESS_KAFKA_SASL_USERNAME="$ConnectionString",
        FITNESS_KAFKA_SASL_PASSWORD='a"b\\c',
        FITNESS_KAFKA_SSL_CA_LOCATION="ca.pem",
    )
    assert configured.for_librdkafka == {
        "bootstrap.servers": "hub:9093",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "$ConnectionString",
        "sasl.password": 'a"b\\c',
        "ssl.ca.location": "ca.pem",
    }


def test_our_own_settings_are_not_given_to_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    configured = settings(monkeypatch, FITNESS_KAFKA_LAG_RECORDS="5", FITNESS_KAFKA_LAG_SECONDS="0.5")
    assert (configured.lag_records, configured.lag_seconds, dict(configured.client)) == (5, 0.5, {})


@pytest.mark.parametrize("text", ["0", "-1", "many", "nan"])
@pytest.mark.parametrize("name", ["RECORDS_A_BATCH", "LAG_RECORDS", "LAG_SECONDS"])
def test_what_must_be_a_number_is_named(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    with pytest.raises(SettingError, match=f"FITNESS_KAFKA_{name}"):
        settings(monkeypatch, **{f"FITNESS_KAFKA_{name}": text})
