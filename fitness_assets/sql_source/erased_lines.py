"""Which extracted lines are of people who are forgotten."""

from collections.abc import Sequence
from datetime import datetime, timezone

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.pipeline.state.erased_rows import erased_rows
from fitness_assets.pipeline.state.erasures import Erasures
from fitness_assets.transforms.records import BronzeRows, SourceFile, open_judge


def without_erased(feed: FileFeed, lines: Sequence[str], erasures: Erasures) -> list[str]:
    """The lines of people who are not forgotten. They are read as the landing zone would read them."""
    if erasures.is_empty or not lines:
        return list(lines)
    rows = BronzeRows(feed, datetime.now(timezone.utc))
    header = feed.header.encode()
    judge = open_judge(feed, rows, SourceFile(feed.name), header)
    judge.take([header, *(line.encode() for line in lines)])
    judge.finish()
    read = rows.take()
    erased = set(read.filter(erased_rows(feed, read, erasures))["line_number"].to_pylist())
    return [line for number, line in enumerate(lines, 2) if number not in erased]
