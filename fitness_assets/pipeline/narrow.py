"""Reading of a derived table's other sources only what can meet the changed rows of one of them."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from fitness_assets.contracts.catalog import table as contract
from fitness_assets.contracts.model import Equal, Source, Table, Within
from fitness_assets.errors import ContractError
from fitness_assets.lakehouse.pruning import WORTH_PRUNING, column_ranges, inside_sql, interval_ranges, overlapping_sql
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
) -> dict[str, DataFrame]:
    """Every source by its short name: the changed one as given, the others restricted along the links.

    Where all are small, nothing is restricted: each restriction is a query of its own.

    Args:
        touched: the changed source's `on` values, also of rows that are gone.
        current: its rows with these values as they are now.
    """
    counts = {source.table: lake.log(contract(source.table)).row_count() for source in table.sources}
    if max(counts.values()) <= WORTH_PRUNING:
        others = [source for source in table.sources if source.name != changed.name]
        versions = {source.name: plan.versions[source.table].number for source in others}
        rest = {source.name: lake.read(spark, contract(source.table), versions[source.name]) for source in others}
        return {changed.name: current.df} | rest
    known = {changed.name: current}
    sources = {changed.name: current.df}
    waiting = [source for source in table.sources if source.name != changed.name]
    while waiting:
        source = _next(table, waiting, known)
        waiting.remove(source)
        rows = lake.read(spark, contract(source.table), plan.versions[source.table].number)
        worth_it = waiting or counts[source.table] > WORTH_PRUNING
        for link in table.links if worth_it else ():
            condition = _condition(link, source.name, known, changed, touched)
            if condition:
                rows = rows.where(F.expr(condition))
        if waiting:
            known[source.name] = staging.stage(rows, FEW_ROWS)
            rows = known[source.name].df
        sources[source.name] = rows
    return sources


def _next(table: Table, waiting: list[Source], known: dict[str, Staged]) -> Source:
    for source in waiting:
        for link in table.links:
            if isinstance(link, Equal) and _other(link, source.name) in known:
                return source
    raise ContractError(f"The links of {table.full_name} do not join {waiting[0].table} to its other sources.")


def _other(link: Equal, name: str) -> str | None:
    left, right = link.left.split(".")[0], link.right.split(".")[0]
    return right if left == name else left if right == name else None


def _condition(
    link: Equal | Within, name: str, known: dict[str, Staged], changed: Source, touched: Staged
) -> str | None:
    """The link as a condition of literals on the source `name`, if its other end is known."""
    if isinstance(link, Equal):
        other = _other(link, name)
        if other is None or other not in known:
            return None
        here, there = (link.left, link.right) if link.left.startswith(f"{name}.") else (link.right, link.left)
        column = _column(there)
        values = touched if other == changed.name and column in changed.on else known[other]
        bounds = column_ranges(values, column)
        return inside_sql(f"`{_column(here)}`", bounds) if bounds else "false"
    point, interval = link.point.split(".")[0], link.start.split(".")[0]
    if name == point and interval in known:
        bounds = interval_ranges(known[interval], _column(link.start), _column(link.end))
        return inside_sql(f"`{_column(link.point)}`", bounds) if bounds else "false"
    if name == interval and point in known:
        bounds = column_ranges(known[point], _column(link.point))
        return overlapping_sql(f"`{_column(link.start)}`", f"`{_column(link.end)}`", bounds) if bounds else "false"
    return None


def _column(end: str) -> str:
    return end.split(".")[1]
