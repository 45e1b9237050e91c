"""Where events go as they arrive: files of the landing zone, or one way for topics and another for tables."""

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol, TextIO

from fitness_assets.contracts.feeds import GYM_LOGINS, KAFKA_RECORDS, REGISTERED_USERS, TOPICS
from fitness_assets.sample.landing import kafka_line
from fitness_assets.sample.people import Event

TABLES = (REGISTERED_USERS.name, GYM_LOGINS.name)


class Sink(Protocol):
    """A destination of events."""

    def send(self, events: Sequence[Event]) -> None:
        """Take events, in order. Called often, without events too, so that what is due can be done."""

    def close(self) -> None:
        """Deliver all that was sent, and let go. Also after an error; a second time it does nothing."""

    def delivered(self) -> dict[str, int]:
        """The records that have certainly arrived so far, by destination."""


class Split:
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


class FilesSink:
    """Files of the landing zone: for each source a new one every few seconds, renamed when it is complete."""

    def __init__(self, landing_zone: Path, every: float = 5, clock: Callable[[], float] = time.monotonic) -> None:
        """
        Args:
            every: the seconds that a file is written to.
            clock: seconds from any beginning.
        """
        self._landing_zone = landing_zone
        self._every = every
        self._clock = clock
        # Two starts may fall into one second, and in containers have one process id.
        self._name = f"produced_{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}_{secrets.token_hex(4)}"
        self._round = 0
        self._began = 0.0
        self._open: dict[str, tuple[Path, TextIO]] = {}
        self._written = 0
        self._complete = 0

    def send(self, events: Sequence[Event]) -> None:
        if self._open and self._clock() - self._began >= self._every:
            self._finish()
        if not events:
            return
        if not self._open:
            self._began = self._clock()
        lines: dict[str, list[str]] = {name: [] for name in (*TABLES, KAFKA_RECORDS.name)}
        for offset, (at, source, text) in enumerate(events, self._written):
            if source in TOPICS:
                lines[KAFKA_RECORDS.name].append(kafka_line(source, text, offset, at))
            else:
                lines[source].append(text)
        for folder, records in lines.items():
            if records:
                self._file(folder).writelines(_ended(records))
        self._written += len(events)

    def close(self) -> None:
        self._finish()

    def delivered(self) -> dict[str, int]:
        return {"files": self._complete}

    def _file(self, folder: str) -> TextIO:
        """The file of this round that a source is written to, under a name that nobody reads yet."""
        if folder not in self._open:
            header = {REGISTERED_USERS.name: REGISTERED_USERS.header, GYM_LOGINS.name: GYM_LOGINS.header}.get(folder)
            file = self._landing_zone / folder / f"{self._name}_{self._round:06d}.{'csv' if header else 'json'}"
            file.parent.mkdir(parents=True, exist_ok=True)
            out = file.with_name(f"_{file.name}.tmp").open("w", encoding="utf-8", newline="\n")
            self._open[folder] = file, out
            if header:
                out.write(header + "\n")
        return self._open[folder][1]

    def _finish(self) -> None:
        for file, out in self._open.values():
            out.close()
            Path(out.name).replace(file)
        self._open.clear()
        self._round += 1
        self._complete = self._written


def _ended(lines: Iterable[str]) -> Iterable[str]:
    return (line + "\n" for line in lines)
