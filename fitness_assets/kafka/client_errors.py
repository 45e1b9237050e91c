"""What librdkafka says went wrong: with a request, and beside requests."""

import re
from typing import ClassVar

from confluent_kafka import KafkaError, KafkaException

_CONNECTION_STATE = re.compile(r" \(after \d+ms in state \w+\)$")


class ClientErrors:
    """The `error_cb` of a client: what it tells beside requests.

    The client goes on trying, and a request alone says that time is up.

    Attributes:
        refusal: why the broker lets us in not at all.
        connection_error: what went wrong last with a connection; it is told once, and holds until the broker answers.
    """

    _REFUSALS: ClassVar = {KafkaError._AUTHENTICATION, KafkaError._SSL}

    def __init__(self) -> None:
        self.refusal = ""
        self.connection_error = ""

    def __call__(self, error: KafkaError) -> None:
        if error.code() in self._REFUSALS:
            self.refusal = _CONNECTION_STATE.sub("", error.str())
        elif error.code() != KafkaError._ALL_BROKERS_DOWN:
            self.connection_error = _CONNECTION_STATE.sub("", error.str())


def error_text(exception: KafkaException) -> str:
    """The reason of a failed request, as one line."""
    error = exception.args[0]
    return str(error.str()) if isinstance(error, KafkaError) else str(error)
