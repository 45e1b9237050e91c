"""How many rows of a bronze table came from each file, as the rows themselves tell."""

from collections.abc import Mapping
from dataclasses import dataclass

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.lakehouse import TableScan

FILE_LOAD = "file_load"
"""The column that has a value in rows that came from files and not from a broker."""


@dataclass(frozen=True)
class ContentRows:
    """The rows of one content of a file.

    Attributes:
        rows: all of them.
        records: those that are a record; the row that stands for a file which is refused as a whole is none.
    """

    rows: int = 0
    records: int = 0


FileRows = Mapping[str, Mapping[int, ContentRows]]
"""By the names of files in their feed's folder, and by which content of its name each is, 1 the first."""


def file_rows(scan: TableScan, feed: FileFeed, rows: str) -> FileRows:
    """Count the rows behind FROM."""
    counts = scan.fetch(
        f"SELECT source_file, {FILE_LOAD}, count(*), count(line_number) FROM {rows} WHERE {FILE_LOAD} IS NOT NULL "
        f"GROUP BY source_file, {FILE_LOAD}"
    )
    found: dict[str, dict[int, ContentRows]] = {}
    for source_file, load, all_rows, records in counts:
        contents = found.setdefault(source_file.removeprefix(f"{feed.name}/"), {})
        contents[int(load)] = ContentRows(int(all_rows), int(records))
    return found


def earlier_records(contents: Mapping[int, ContentRows], load: int) -> int:
    """How many records the contents before one have."""
    return sum(content.records for number, content in contents.items() if number < load)
