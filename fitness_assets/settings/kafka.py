"""How the broker is reached.

`FITNESS_KAFKA_SASL_PASSWORD` is librdkafka's `sasl.password`, and so on for every setting that it has.
"""

from typing import Annotated

from pydantic import Field
from pydantic_settings import NoDecode

from fitness_assets.settings.environment import EnvironmentSettings, is_set, variables_with_prefix
from fitness_assets.settings.fields import CountAboveZero, DefaultText, ReadFrom, SecondsAboveZero

_SERVERS, _GROUP = "KAFKA_BOOTSTRAP_SERVERS", "FITNESS_KAFKA_GROUP"
_PREFIX = "FITNESS_KAFKA_"


class KafkaSettings(EnvironmentSettings):
    """Where the broker is and how to talk to it.

    Attributes:
        servers: such as `host:9092,host:9093`.
        group: the consumer group that our offsets are committed to, for others to see.
        client: further settings in librdkafka's names.
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

    @classmethod
    def from_env(cls, environment: str = "dev") -> "KafkaSettings | None":
        """The settings of this process, or None where no broker is named and records come as files alone.

        Raises:
            SettingError: one of them cannot be understood.
        """
        if not is_set(_SERVERS):
            return None
        names = cls.client_variables()
        client = {name: text for name, text in variables_with_prefix(_PREFIX).items() if name in names}
        return cls._read(
            group=None if is_set(_GROUP) else f"fitness_assets_{environment}",
            client=_properties(client, _PREFIX),
        )

    @classmethod
    def client_variables(cls) -> list[str]:
        """The variables of this process that set something of librdkafka's, passwords among them."""
        return [name for name in variables_with_prefix(_PREFIX) if not cls._is_ours(name)]

    @classmethod
    def _is_ours(cls, variable: str) -> bool:
        return variable in {cls.variable(field) for field in cls.model_fields}

    @property
    def for_librdkafka(self) -> dict[str, str]:
        """The settings of a client from confluent-kafka."""
        return {"bootstrap.servers": self.servers, **self.client}


def _properties(variables: dict[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix).lower().replace("_", "."): text for name, text in variables.items()}
