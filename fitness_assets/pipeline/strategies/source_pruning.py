"""Reading of a derived table's other sources only what can meet the changed rows of one of them."""

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from fitness_assets.contracts.model import EquiJoin, RangeJoin, Source, Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import ContractError
from fitness_assets.lakehouse.pruning import WORTH_PRUNING, Inside, Near, Overlapping, column_ranges, interval_ranges
from fitness_assets.lakehouse.staging import FEW_ROWS, Staged, Staging
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.plan import Plan


def narrowed(
    spark: SparkSession,
    lake: Lakehouse,
    table: Table,
    staging: Staging,
    plan: Plan,
    changed: Source,
    touched: Staged,
    current: Staged,
) -> dict[str, Staged]:
    """Every source by its short name: the changed one as given, the others restricted along the links.

    Where each restriction is a query of its own and all are small, nothing is restricted.

    Args:
        touched: the changed source's `on` values, also of rows that are gone.
        current: its rows with these values as they are now.
    """
    counts = {source.table: lake.log(get_table(source.table)).row_count() for source in table.sources}
    if max(counts.values()) <= WORTH_PRUNING and not lake.few_here:
        others = [source for source in table.sources if source.name != changed.name]
        versions = {source.name: plan.versions[source.table].number for source in others}
        rest = {one.name: Staged(lake.read(spark, get_table(one.table), versions[one.name]), None) for one in others}
        return {changed.name: current} | rest
    known = {changed.name: current}
    waiting = [source for source in table.sources if source.name != changed.name]
    while waiting:
        source = _next(table, waiting, known)
        waiting.remove(source)
        version = plan.versions[source.table].number
        near = [one for link in table.joins if (one := _near(link, source.name, known, changed, touched)) is not None]
        among = [one for link in table.joins if (one := _among(link, source.name, known, changed, touched)) is not None]
        found = lake.find(spark, get_table(source.table), version, near, among)
        if found is None:
            rows = lake.read(spark, get_table(source.table), version)
            for condition in near if waiting or counts[source.table] > WORTH_PRUNING else ():
                rows = rows.where(F.expr(condition.spark_sql))
            found = staging.stage(rows, FEW_ROWS) if waiting else Staged(rows, None)
        known[source.name] = found
    return known


def _next(table: Table, waiting: list[Source], known: dict[str, Staged]) -> Source:
    for source in waiting:
        for link in table.joins:
            if isinstance(link, EquiJoin) and _other(link, source.name) in known:
                return source
    raise ContractError(f"The links of {table.full_name} do not join {waiting[0].table} to its other sources.")


def _other(link: EquiJoin, name: str) -> str | None:
    left, right = link.left.split(".")[0], link.right.split(".")[0]
    return right if left == name else left if right == name else None


def _near(
    link: EquiJoin | RangeJoin, name: str, known: dict[str, Staged], changed: Source, touched: Staged
) -> Near | None:
    """The link as a condition of literals on the source `name`, if its other end is known."""
    if isinstance(link, EquiJoin):
        ends = _ends(link, name, known, changed, touched)
        return Inside(ends[0], column_ranges(*ends[1:]) or ()) if ends else None
    point, interval = link.point.split(".")[0], link.start.split(".")[0]
    if name == point and interval in known:
        bounds = interval_ranges(known[interval], _column(link.start), _column(link.end))
        return Inside(_column(link.point), bounds or ())
    if name == interval and point in known:
        bounds = column_ranges(known[point], _column(link.point))
        return Overlapping(_column(link.start), _column(link.end), bounds or ())
    return None


def _among(
    link: EquiJoin | RangeJoin, name: str, known: dict[str, Staged], changed: Source, touched: Staged
) -> pa.Table | None:
    """The values that the link allows in a column of the source `name`, if they are few."""
    ends = _ends(link, name, known, changed, touched) if isinstance(link, EquiJoin) else None
    if ends is None:
        return None
    column, values, there = ends
    return None if values.few is None else pa.table({column: pc.unique(values.few.column(there))})


def _ends(
    link: EquiJoin, name: str, known: dict[str, Staged], changed: Source, touched: Staged
) -> tuple[str, Staged, str] | None:
    """The link's column in the source `name`, and the rows at its other end, if they are known, with their column."""
    other = _other(link, name)
    if other is None or other not in known:
        return None
    here, there = (link.left, link.right) if link.left.startswith(f"{name}.") else (link.right, link.left)
    column = _column(there)
    return _column(here), touched if other == changed.name and column in changed.change_key else known[other], column


def _column(end: str) -> str:
    return end.split(".")[1]
