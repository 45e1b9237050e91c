"""Lines as bronze has them, without a file or a table."""

from collections.abc import Mapping
from datetime import date, datetime, timezone

import pyarrow as pa

from fitness_assets.contracts.feeds import FileFeed, FileFormat
from fitness_assets.transforms.records import BronzeRows, SourceFile, open_judge, split_lines

LOADED = datetime(2026, 2, 28, tzinfo=timezone.utc)


def judged(
    feed: FileFeed, *lines: str | bytes, header: str | None = None, weeks: Mapping[date, str] | None = None
) -> pa.Table:
    """The rows of bronze that a file of these lines gives; of a CSV the header goes before them."""
    first = [header or feed.header] if feed.format is FileFormat.CSV else []
    content = b"".join(
        (line if isinstance(line, bytes) else line.encode("utf-8", "surrogatepass")) + b"\n"
        for line in [*first, *lines]
    )
    return judged_content(feed, content, weeks)


def judged_content(feed: FileFeed, content: bytes, weeks: Mapping[date, str] | None = None) -> pa.Table:
    """The rows of bronze that a file of this content gives."""
    rows = BronzeRows(feed, LOADED, weeks)
    judge = open_judge(feed, rows, SourceFile(f"{feed.name}/file"), content)
    for piece in split_lines([content]):
        judge.take(piece)
    judge.finish()
    return rows.take()
