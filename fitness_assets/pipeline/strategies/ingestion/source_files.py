"""Which files the rows of a bronze table came from, as the rows themselves tell."""

import os
from collections.abc import Iterator

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.landing.listing import feed_folder
from fitness_assets.pipeline.landing.names import zone_path

FROM_FILES = "file_load IS NOT NULL"
"""The rows that came from files and not from a broker, in SQL."""


class SourceFiles:
    """The source files of one bronze table."""

    def __init__(self, lake: Lakehouse, table: Table, feed: FileFeed) -> None:
        self._lake = lake
        self._table = table
        self._prefix = f"{feed.name}/"
        self._folder = feed_folder(lake.settings, feed)

    def loads(self) -> dict[str, int]:
        """The files by their names in the feed's folder, and which content of each was loaded last."""
        return {name: last for name, (last, _) in self._loads().items()}

    def missing(self) -> list[str]:
        """Those that are no longer in the landing zone, or of which it has only the last of several contents."""
        return sorted(self._missing())

    def _missing(self) -> Iterator[str]:
        for name, (_, contents) in self._loads().items():
            if not os.path.lexists(zone_path(self._folder, name)):
                yield name
            elif contents > 1:
                yield f"{name} (what it held before it was replaced)"

    def _loads(self) -> dict[str, tuple[int, int]]:
        """Of each file the last load, and how many of its contents had records; a file that was refused had none."""
        if not self._lake.ensure(self._table).row_count():
            return {}
        with self._lake.query_engine() as engine:
            scan = engine.scan(self._table)
            loads = scan.fetch(
                f"SELECT source_file, max(file_load), "
                f"count(DISTINCT CASE WHEN line_number IS NOT NULL THEN file_load END) "
                f"FROM {scan.all_rows} WHERE {FROM_FILES} GROUP BY source_file"
            )
        return {name.removeprefix(self._prefix): (int(last), int(contents)) for name, last, contents in loads}
