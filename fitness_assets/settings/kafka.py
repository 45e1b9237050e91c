"""How the broker is reached, for librdkafka (Python) and for Spark's Java client.

`FITNESS_KAFKA_SASL_PASSWORD` is librdkafka's `sasl.password`, and so on for every setting that it has.
"""

from typing import Annotated

from pydantic import Field
from pydantic_settings import NoDecode

from fitness_assets.errors import SettingError
from fitness_assets.settings.engine import is_databricks_runtime
from fitness_assets.settings.environment import EnvironmentSettings, is_set, variables_with_prefix
from fitness_assets.settings.fields import CountAboveZero, DefaultText, ReadFrom, SecondsAboveZero

_SERVERS, _GROUP = "KAFKA_BOOTSTRAP_SERVERS", "FITNESS_KAFKA_GROUP"
_PREFIX, _JAVA_PREFIX = "FITNESS_KAFKA_", "FITNESS_KAFKA_JAVA_"
_LOGIN = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}
_SAME_IN_JAVA = ("security.protocol", "client.id")


class KafkaSettings(EnvironmentSettings):
    """Where the broker is and how to talk to it.

    Attributes:
        servers: such as `host:9092,host:9093`.
        group: the consumer group that our offsets are committed to, for others to see.
        client: further settings in librdkafka's names.
        java: further settings in the Java client's names; they win.
        records_a_batch: how many records one commit of bronze takes at most.
        lag_records: from so many unread records on the lag sensor asks for a run.
        lag_seconds: or once some have waited for so long.
    """

    servers: Annotated[str, DefaultText("records come as files alone")] = Field(
        validation_alias=_SERVERS, description="the broker of the topics `user_info`, `workout` and `bpm`"
    )
    group: Annotated[str, DefaultText("`fitness_assets_<env>`")] = Field(
        validation_alias=_GROUP, description="the consumer group that offsets are committed to"
    )
    records_a_batch: CountAboveZero = Field(
        default=500_000,
        validation_alias="FITNESS_KAFKA_RECORDS_A_BATCH",
        description="how many records one commit of bronze takes at most",
    )
    lag_records: CountAboveZero = Field(
        default=10_000,
        validation_alias="FITNESS_KAFKA_LAG_RECORDS",
        description="from so many unread records on the lag sensor asks for a run",
    )
    lag_seconds: SecondsAboveZero = Field(
        default=2.0,
        validation_alias="FITNESS_KAFKA_LAG_SECONDS",
        description="or once some have waited for so many seconds",
    )
    client: Annotated[dict[str, str], NoDecode, ReadFrom(f"{_PREFIX}…")] = Field(
        default_factory=dict,
        repr=False,
        description="any setting of librdkafka: `FITNESS_KAFKA_SASL_PASSWORD` is `sasl.password`",
    )
    java: Annotated[dict[str, str], NoDecode, ReadFrom(f"{_JAVA_PREFIX}…")] = Field(
        default_factory=dict,
        repr=False,
        description="any setting of Spark's Java client that does not follow from those",
    )

    @classmethod
    def from_env(cls, environment: str = "dev") -> "KafkaSettings | None":
        """The settings of this process, or None where no broker is named and records come as files alone.

        Raises:
            SettingError: one of them cannot be understood.
        """
        if not is_set(_SERVERS):
            return None
        ours = {cls.variable(field) for field in cls.model_fields}
        client = {
            name: text
            for name, text in variables_with_prefix(_PREFIX).items()
            if name not in ours and not name.startswith(_JAVA_PREFIX)
        }
        return cls._read(
            group=None if is_set(_GROUP) else f"fitness_assets_{environment}",
            client=_properties(client, _PREFIX),
            java=_properties(variables_with_prefix(_JAVA_PREFIX), _JAVA_PREFIX),
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
        shaded = "kafkashaded." if is_databricks_runtime() else ""
        return f"{shaded}{_LOGIN[mechanism]} required username={user} password={password};"


def _properties(variables: dict[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix).lower().replace("_", "."): text for name, text in variables.items()}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
