"""A platform in a folder of its own: land files, bring tables up to date, read them with a plain Delta reader."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from deltalake import DeltaTable
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.lakehouse import open_lakehouse
from fitness_assets.pipeline.result import UpdateResult
from fitness_assets.pipeline.scheduler import update_tables
from fitness_assets.settings import Settings

AS_OF = date(2026, 2, 28)


class Platform:
    """Everything a test needs of one `<base>`."""

    def __init__(
        self, base: Path, spark: Callable[[], SparkSession], as_of: date = AS_OF, catalog: str | None = None
    ) -> None:
        location = str(base / "data_zone") if catalog else None
        self.settings = Settings(base_dir=base, as_of_override=as_of, catalog=catalog, tables_location=location)
        self.lake = open_lakehouse(self.settings, spark)
        self.spark = spark

    def land(self, folder: str, name: str, lines: Iterable[str] | bytes) -> Path:
        """Write one complete file into the landing zone."""
        file = self.settings.landing_zone / folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(lines if isinstance(lines, bytes) else "".join(f"{line}\n" for line in lines).encode())
        return file

    def update(self, *names: str, full: bool = False) -> dict[str, UpdateResult]:
        """Bring the named tables up to date, or all of them; what fails is raised, checks included."""
        results = {}
        for outcome in update_tables(self.lake, names or all_tables(), full):
            if outcome.error is not None:
                raise outcome.error
            assert outcome.result is not None, f"{outcome.table.full_name} was held back"
            assert outcome.is_good, f"{outcome.table.full_name}: {outcome.checks}"
            results[outcome.table.full_name] = outcome.result
        return results

    def path(self, name: str) -> Path:
        """The folder of a table, in which also the tables of a test's catalog lie."""
        return self.settings.data_zone / name.replace(".", "/")

    def rows(self, name: str, columns: str = "") -> list[tuple[Any, ...]]:
        """The rows of a table in some order that is always the same, times without their zone (all are UTC)."""
        wanted = (
            [column.strip() for column in columns.split(",")] if columns else [c.name for c in get_table(name).columns]
        )
        read = DeltaTable(str(self.path(name))).to_pyarrow_table(columns=wanted).to_pydict()
        rows = zip(*[[_plain(value) for value in read[column]] for column in wanted], strict=True)
        return sorted(rows, key=repr)

    def version(self, name: str) -> int:
        found = self.lake.log(get_table(name)).version()
        assert found is not None
        return found.number


def _plain(value: Any) -> Any:
    return value.replace(tzinfo=None) if getattr(value, "tzinfo", None) else value
