"""Where events go as they arrive: what every destination can do, and two of them side by side."""

from collections.abc import Sequence
from typing import Protocol

from fitness_assets.contracts.feeds import TOPICS
from fitness_assets.sample.people import Event


class Sink(Protocol):
    """A destination of events."""

    def send(self, events: Sequence[Event]) -> None:
        """Take events, in order. Called often, without events too, so that what is due can be done."""

    def close(self) -> None:
        """Deliver all that was sent, and let go. Also after an error; a second time it does nothing."""

    def delivered(self) -> dict[str, int]:
        """The records that have certainly arrived so far, by destination."""


class SplitSink:
    """Events of the topics go to one sink, those of the tables to another."""

    def __init__(self, topics: Sink, tables: Sink) -> None:
        self._topics = topics
        self._tables = tables

    def send(self, events: Sequence[Event]) -> None:
        self._topics.send([event for event in events if event[1] in TOPICS])
        self._tables.send([event for event in events if event[1] not in TOPICS])

    def close(self) -> None:
        try:
            self._topics.close()
        finally:
            self._tables.close()

    def delivered(self) -> dict[str, int]:
        return {**self._topics.delivered(), **self._tables.delivered()}
