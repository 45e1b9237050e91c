"""Which files the rows of a bronze table came from, as the rows themselves tell."""

from pathlib import Path

from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.state.landing_zone import local_path, replaced_at
from fitness_assets.transforms.bronze import KAFKA_SCHEME

FROM_FILES = f"source_file NOT LIKE '{KAFKA_SCHEME}%'"
"""The rows that came from files and not from a broker, in SQL."""


class SourceFiles:
    """The source files of one bronze table."""

    def __init__(self, lake: Lakehouse, table: Table) -> None:
        self._lake = lake
        self._table = table

    def names(self) -> list[str]:
        """Their URIs, each content of a file that was replaced by itself."""
        if not self._lake.ensure(self._table).row_count():
            return []
        with self._lake.query_engine() as engine:
            scan = engine.scan(self._table)
            names = scan.fetch(f"SELECT DISTINCT source_file FROM {scan.all_rows} WHERE {FROM_FILES}")
        return sorted(name for (name,) in names)

    def missing(self) -> list[str]:
        """Those that are no longer in the landing zone, or with another content."""
        names = self.names()
        latest: dict[Path, int] = {}
        for name in names:
            latest[local_path(name)] = max(latest.get(local_path(name), 0), replaced_at(name))
        return [name for name in names if not local_path(name).exists() or replaced_at(name) < latest[local_path(name)]]
