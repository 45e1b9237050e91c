"""The settings of a broker as Spark's Kafka source takes them: the Java client's names instead of librdkafka's."""

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.errors import SettingError
from fitness_assets.settings import KafkaSettings

_RENAMED = {"sasl.mechanisms": "sasl.mechanism"}
_SAME = ("security.protocol", "sasl.mechanism")
_LOGIN = ("sasl.username", "sasl.password")
_LOGIN_MODULES = {
    "PLAIN": "plain.PlainLoginModule",
    "SCRAM-SHA-256": "scram.ScramLoginModule",
    "SCRAM-SHA-512": "scram.ScramLoginModule",
}


def kafka_options(settings: KafkaSettings) -> dict[str, str]:
    """The options of a stream of all topics, from the first record that the broker holds.

    Raises:
        SettingError: a setting has no name there that we know.
    """
    client = {_RENAMED.get(name, name): text for name, text in settings.client.items()}
    if unknown := sorted(set(client) - {*_SAME, *_LOGIN}):
        raise SettingError(
            f"A Lakeflow pipeline cannot take {', '.join(unknown)} of librdkafka. It takes security.protocol, "
            f"sasl.mechanism, sasl.username and sasl.password; use the jobs of the bundle for what needs more."
        )
    options = {
        "kafka.bootstrap.servers": settings.servers,
        "subscribe": ",".join(TOPICS),
        "startingOffsets": "earliest",
        **{f"kafka.{name}": client[name] for name in _SAME if name in client},
    }
    if "sasl.username" in client:
        options["kafka.sasl.jaas.config"] = _login(client)
    return options


def _login(client: dict[str, str]) -> str:
    """The login of the Java client, whose classes Databricks has under a name of its own.

    Raises:
        SettingError: it is by something else than a user's password.
    """
    mechanism = client.get("sasl.mechanism", "")
    try:
        module = _LOGIN_MODULES[mechanism]
    except KeyError:
        raise SettingError(
            f"A Lakeflow pipeline logs in to a broker by {', '.join(_LOGIN_MODULES)}, and FITNESS_KAFKA_SASL_MECHANISM "
            f"is {mechanism or 'not set'}."
        ) from None
    user, password = (_quoted(client.get(name, "")) for name in _LOGIN)
    return f"kafkashaded.org.apache.kafka.common.security.{module} required username={user} password={password};"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
