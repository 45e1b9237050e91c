"""Events to files of the landing zone."""

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TextIO

from fitness_assets.contracts.feeds import KAFKA_RECORDS, TOPICS
from fitness_assets.private_files import make_shared_folder, share_like_parent
from fitness_assets.sample.landing_files import TABLE_FEEDS, kafka_line
from fitness_assets.sample.people import Event


class FileSink:
    """Files of the landing zone: for each source a new one every few seconds, renamed when it is complete."""

    def __init__(
        self, landing_zone: Path, seconds_per_file: float = 5, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """
        Args:
            seconds_per_file: how long a file is written to.
            clock: seconds from any beginning.
        """
        self._landing_zone = landing_zone
        self._seconds_per_file = seconds_per_file
        self._clock = clock
        # Two starts may fall into one second, and in containers have one process id.
        self._name = f"produced_{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}_{secrets.token_hex(4)}"
        self._file_number = 0
        self._opened_at = 0.0
        self._open_files: dict[str, tuple[Path, TextIO]] = {}
        self._written = 0
        self._complete = 0

    def send(self, events: Sequence[Event]) -> None:
        if self._open_files and self._clock() - self._opened_at >= self._seconds_per_file:
            self._complete_files()
        if not events:
            return
        if not self._open_files:
            self._opened_at = self._clock()
        lines: dict[str, list[str]] = {name: [] for name in (*TABLE_FEEDS, KAFKA_RECORDS.name)}
        for offset, (arrival_time, source, text) in enumerate(events, self._written):
            if source in TOPICS:
                lines[KAFKA_RECORDS.name].append(kafka_line(source, text, offset, arrival_time))
            else:
                lines[source].append(text)
        for feed_name, feed_lines in lines.items():
            if feed_lines:
                self._open_file(feed_name).writelines(_terminated(feed_lines))
        self._written += len(events)

    def close(self) -> None:
        self._complete_files()

    def delivered(self) -> dict[str, int]:
        return {"files": self._complete}

    def _open_file(self, feed_name: str) -> TextIO:
        """The file that a source is written to just now, under a name that nobody reads yet."""
        if feed_name not in self._open_files:
            feed = TABLE_FEEDS.get(feed_name)
            file = self._landing_zone / feed_name / f"{self._name}_{self._file_number:06d}.{'csv' if feed else 'json'}"
            make_shared_folder(file.parent)
            out = file.with_name(f"_{file.name}.tmp").open("w", encoding="utf-8", newline="\n")
            self._open_files[feed_name] = file, out
            if feed:
                out.write(f"{feed.header}\n")
        return self._open_files[feed_name][1]

    def _complete_files(self) -> None:
        for file, out in self._open_files.values():
            out.close()
            share_like_parent(Path(out.name))
            Path(out.name).replace(file)
        self._open_files.clear()
        self._file_number += 1
        self._complete = self._written


def _terminated(lines: Iterable[str]) -> Iterable[str]:
    return (f"{line}\n" for line in lines)
