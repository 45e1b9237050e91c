"""Which files the rows of a bronze table came from, as the rows themselves tell."""

import os
from collections.abc import Iterator, Mapping

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.landing.listing import feed_folder
from fitness_assets.pipeline.landing.names import zone_path
from fitness_assets.pipeline.state.file_rows import FileRows, earlier_records, file_rows
from fitness_assets.pipeline.state.ingested_files import IngestedFile


class SourceFiles:
    """The source files of one bronze table."""

    def __init__(self, lake: Lakehouse, table: Table, feed: FileFeed) -> None:
        self._lake = lake
        self._table = table
        self._feed = feed
        self._folder = feed_folder(lake.settings, feed)

    def rows(self) -> FileRows:
        """How many rows each of them has; all of the table is read for it."""
        if not self._lake.ensure(self._table).row_count():
            return {}
        with self._lake.query_engine() as engine:
            scan = engine.scan(self._table)
            return file_rows(scan, self._feed, scan.all_rows)

    def missing(self, ingested: Mapping[str, IngestedFile] | None) -> list[str]:
        """Those that are no longer in the landing zone, or of which it has only the last of several contents.

        Args:
            ingested: the files that were loaded; where it is None the rows tell them.
        """
        if ingested is None:
            found = self.rows()
            names = {name: earlier_records(contents, max(contents)) > 0 for name, contents in found.items()}
        else:
            names = {name: file.earlier > 0 for name, file in ingested.items() if _has_rows(file)}
        return sorted(self._missing(names))

    def _missing(self, names: Mapping[str, bool]) -> Iterator[str]:
        for name, was_replaced in names.items():
            if not os.path.lexists(zone_path(self._folder, name)):
                yield name
            elif was_replaced:
                yield f"{name} (what it held before it was replaced)"


def _has_rows(file: IngestedFile) -> bool:
    """Whether a full refresh could lose something; what is gone already is lost by no refresh."""
    return file.earlier > 0 or (file.records > 0 and not file.is_missing)
