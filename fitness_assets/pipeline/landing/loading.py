"""Landed files to rows of bronze, a bounded number at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from pathlib import Path

import pyarrow as pa

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.pipeline.landing.reader import (
    FileChangedError,
    FileUnreadableError,
    FileVanishedError,
    open_file,
)
from fitness_assets.transforms.records import BronzeRows, SourceFile, open_judge, split_lines

ROWS_PER_TABLE = 50_000
"""About so many rows are held in memory."""
BYTES_PER_TABLE = 64 * 1024 * 1024
"""Or rows of so many bytes."""


@dataclass(frozen=True)
class Content:
    """What is in a file.

    Attributes:
        digest: its bytes, as a text; empty where they are not known.
        reason: why the whole file is refused; empty where it is not.
    """

    digest: str = ""
    reason: str = ""

    def is_same_as(self, other: "Content") -> bool:
        """Whether reading it again would give nothing new."""
        if self.digest and other.digest:
            return self.digest == other.digest
        return not other.digest and bool(other.reason) and self.reason == other.reason


@dataclass
class LoadedFiles:
    """What became of some files.

    Attributes:
        contents: what is in each file of which rows were made.
        records: how many rows were made of each.
        unknown_fields: names of fields that the contract does not know.
    """

    contents: dict[str, Content] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    unknown_fields: set[str] = field(default_factory=set)


def load_files(
    feed: FileFeed, folder: Path, loads: Mapping[str, int], weeks: Mapping[date, str], loaded: LoadedFiles
) -> Iterator[pa.Table]:
    """The rows of some files, by their names in the feed's folder. A file that cannot be read gives one row.

    Args:
        loads: the files, and which content of its name each one is.
        weeks: the week of each day of the calendar.
        loaded: takes what became of each file.

    Raises:
        FileChangedError: a file is being written to, or was taken away; rows of it may have been given that must not be
            kept. Begin anew without it.
    """
    rows, size = BronzeRows(feed, datetime.now(timezone.utc), weeks), 0
    for name, load in loads.items():
        source, before = SourceFile(f"{feed.name}/{name}", load), rows.total
        try:
            with open_file(folder, name) as file:
                file.verify()
                judge = open_judge(feed, rows, source, file.beginning)
                for lines in split_lines(file.chunks()):
                    judge.take(lines)
                    if judge.refusal:
                        break
                    size += sum(map(len, lines))
                    if rows.count >= ROWS_PER_TABLE or size >= BYTES_PER_TABLE:
                        yield rows.take()
                        size = 0
                judge.finish()
                loaded.contents[name] = Content(file.digest, judge.refusal)
        except FileUnreadableError as error:
            open_judge(feed, rows, source, b"").refuse_file(error.reason)
            loaded.contents[name] = Content(reason=error.reason)
        except FileVanishedError as error:
            raise FileChangedError(name) from error
        loaded.records[name] = rows.total - before
    loaded.unknown_fields |= rows.unknown_fields
    if rows.count:
        yield rows.take()


def inspect_file(folder: Path, name: str) -> Content | None:
    """What is in a file, without making rows of it; None where it does not hold still."""
    try:
        with open_file(folder, name) as file:
            file.verify()
            return Content(file.digest)
    except FileUnreadableError as error:
        return Content(reason=error.reason)
    except (FileVanishedError, FileChangedError):
        return None


def survey_file(feed: FileFeed, folder: Path, name: str) -> tuple[int, str] | None:
    """How many records a file has, and why all of it is refused, which makes it one; None where it does not hold still.

    The reason is empty where it is not refused.
    """
    try:
        with open_file(folder, name) as file:
            judge = open_judge(feed, BronzeRows(feed, datetime.now(timezone.utc)), SourceFile(name), b"")
            return judge.count(split_lines(file.unverified_chunks())), judge.refusal
    except FileUnreadableError as error:
        return 1, error.reason
    except (FileVanishedError, FileChangedError):
        return None
