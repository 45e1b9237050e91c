"""What a receiver can do."""

from collections.abc import Sequence
from typing import Protocol

from fitness_assets.alerts.incidents import Notification


class Receiver(Protocol):
    """Somebody who is told."""

    @property
    def name(self) -> str:
        """What tells it from all others, without its secrets."""

    def send(self, notifications: Sequence[Notification]) -> None:
        """Tell all of it in one message.

        Raises:
            ReceiverError: it did not take the message.
        """
