"""How the broker is reached, from the environment, for librdkafka (Python) and for Spark's Java client.

`FITNESS_KAFKA_SASL_PASSWORD` is librdkafka's `sasl.password`, and so on for every setting that it has.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from fitness_assets.errors import SettingError
from fitness_assets.runtime import on_databricks

_PREFIX = "FITNESS_KAFKA_"
_JAVA_PREFIX = "FITNESS_KAFKA_JAVA_"
_GROUP, _RECORDS_A_BATCH = "FITNESS_KAFKA_GROUP", "FITNESS_KAFKA_RECORDS_A_BATCH"
_LAG_RECORDS, _LAG_SECONDS = "FITNESS_KAFKA_LAG_RECORDS", "FITNESS_KAFKA_LAG_SECONDS"
_OURS = {_GROUP, _RECORDS_A_BATCH, _LAG_RECORDS, _LAG_SECONDS}
_LOGIN = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}
_SAME_IN_JAVA = ("security.protocol", "client.id")


@dataclass(frozen=True)
class KafkaSettings:
    """Where the broker is and how to talk to it.

    Attributes:
        servers: `KAFKA_BOOTSTRAP_SERVERS`, such as `host:9092,host:9093`.
        group: the consumer group that our offsets are committed to, for others to see.
        client: further settings in librdkafka's names.
        java: further settings in the Java client's names, from `FITNESS_KAFKA_JAVA_...`; they win.
        records_a_batch: how many records one commit of bronze takes at most.
        lag_records: from so many unread records on the lag sensor asks for a run.
        lag_seconds: or once some have waited for so long.
    """

    servers: str
    group: str
    client: Mapping[str, str] = field(default_factory=dict)
    java: Mapping[str, str] = field(default_factory=dict)
    records_a_batch: int = 500_000
    lag_records: int = 10_000
    lag_seconds: float = 2.0

    @classmethod
    def from_env(cls, environment: str = "dev") -> "KafkaSettings | None":
        """The settings, or None where `KAFKA_BOOTSTRAP_SERVERS` is not set and records come as files alone.

        Raises:
            SettingError: one of them cannot be understood.
        """
        servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "").strip()
        if not servers:
            return None
        java = {_setting(name, _JAVA_PREFIX): value for name, value in os.environ.items() if _is(name, _JAVA_PREFIX)}
        client = {
            _setting(name, _PREFIX): value
            for name, value in os.environ.items()
            if _is(name, _PREFIX) and not _is(name, _JAVA_PREFIX) and name not in _OURS
        }
        return cls(
            servers,
            os.environ.get(_GROUP) or f"fitness_assets_{environment}",
            client,
            java,
            _number(_RECORDS_A_BATCH, cls.records_a_batch),
            _number(_LAG_RECORDS, cls.lag_records),
            _number(_LAG_SECONDS, cls.lag_seconds),
        )

    @property
    def for_librdkafka(self) -> dict[str, str]:
        """The settings of a client from confluent-kafka."""
        return {"bootstrap.servers": self.servers, **self.client}

    @property
    def for_spark(self) -> dict[str, str]:
        """The options of Spark's Kafka source that reach its Java client.

        Raises:
            SettingError: the SASL mechanism is one whose Java settings we cannot derive.
        """
        options = {name: self.client[name] for name in _SAME_IN_JAVA if name in self.client}
        if authority := self.client.get("ssl.ca.location"):
            options |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": authority}
        mechanism = self.client.get("sasl.mechanism", self.client.get("sasl.mechanisms"))
        if mechanism:
            options["sasl.mechanism"] = mechanism
            if "sasl.jaas.config" not in self.java:
                options["sasl.jaas.config"] = self._login(mechanism)
        options |= self.java
        return {"kafka.bootstrap.servers": self.servers} | {f"kafka.{name}": value for name, value in options.items()}

    def _login(self, mechanism: str) -> str:
        if mechanism not in _LOGIN:
            raise SettingError(
                f"FITNESS_KAFKA_SASL_MECHANISM is {mechanism}; for it set FITNESS_KAFKA_JAVA_SASL_JAAS_CONFIG to "
                f"the Java client's sasl.jaas.config."
            )
        user, password = (_quoted(self.client.get(name, "")) for name in ("sasl.username", "sasl.password"))
        # Databricks keeps the Java client under a name of its own.
        shaded = "kafkashaded." if on_databricks() else ""
        return f"{shaded}{_LOGIN[mechanism]} required username={user} password={password};"


def _is(name: str, prefix: str) -> bool:
    return name.startswith(prefix)


def _setting(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower().replace("_", ".")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_Number = TypeVar("_Number", int, float)


def _number(name: str, default: _Number) -> _Number:
    text = os.environ.get(name)
    try:
        number = type(default)(text) if text else default
    except ValueError:
        number = type(default)(-1)
    if not 0 < number < 1e15:
        raise SettingError(f"{name} is {text!r}; it must be a number above 0.")
    return number
