"""What the next step of retention would let go of, counted without changing anything."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.lineage import downstream
from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.lakehouse import Lakehouse, RowSet, StagingArea, union
from fitness_assets.pipeline.state.archive_mark import due_mark
from fitness_assets.pipeline.state.erased_rows import expired_rows
from fitness_assets.pipeline.state.erasures import Cutoff
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.pipeline.strategies import strategies_of
from fitness_assets.pipeline.strategies.computed.strategy import ComputedTableStrategy
from fitness_assets.privacy.retention import due_cutoffs


@dataclass(frozen=True)
class DueCount:
    """What would become of the rows of one table.

    Attributes:
        leaving: how many would leave it.
        staying: how many would stay although the records below them leave.
    """

    table: str
    leaving: int
    staying: int


def count_due(lake: Lakehouse) -> Iterator[DueCount]:
    """How many records and rows would go, and how many stay, of the tables as they are now; sources first.

    Every table above is computed from the records that would be left: it costs what computing all of them costs.
    """
    cutoffs = due_cutoffs(lake)
    if not cutoffs:
        return
    with ExitStack() as stack:
        left: dict[str, RowSet] = {}
        affected = downstream({cutoff.table for cutoff in cutoffs})
        for name, table in all_tables().items():
            if name not in affected:
                continue
            area = stack.enter_context(lake.staging(replace(table, name=f"{table.name}_due")))
            rows = lake.ensure(table).row_count()
            if table.strategy is UpdateStrategy.APPEND:
                left[name], leaving = _left_in_bronze(lake, table, cutoffs, area)
                staying = 0
            else:
                left[name], staying = _left_above(lake, table, cutoffs, left, area)
                leaving = max(rows - left[name].df.count(), 0)
            if leaving or staying:
                yield DueCount(name, leaving, staying)


def _left_in_bronze(
    lake: Lakehouse, table: Table, cutoffs: tuple[Cutoff, ...], area: StagingArea
) -> tuple[RowSet, int]:
    """The records of a bronze table that would be left, and how many would go."""
    own = [cutoff for cutoff in cutoffs if cutoff.table == table.full_name]
    leaving = 0

    def kept() -> Iterator[pa.Table]:
        nonlocal leaving
        for rows in lake.read_batches(table):
            expired = pa.repeat(pa.scalar(False), rows.num_rows)
            for cutoff in own:
                expired = pc.or_(expired, expired_rows(rows, cutoff))
            leaving += pc.sum(expired).as_py() or 0
            yield rows.filter(pc.invert(expired))

    return area.write_batches(arrow_schema(table), kept(), lake.spark), leaving


def _left_above(
    lake: Lakehouse, table: Table, cutoffs: tuple[Cutoff, ...], left: Mapping[str, RowSet], area: StagingArea
) -> tuple[RowSet, int]:
    """The rows that a table would have, from what would be left of its sources, and how many of them stay."""
    names = [source.table for source in table.sources]
    sources = {name: left[name] if name in left else lake.read(get_table(name)) for name in names}
    strategy = strategies_of(table)[0](lake, table, ProgressStore.from_settings(lake.settings))
    assert isinstance(strategy, ComputedTableStrategy), "tables above bronze are computed"
    rows = RowSet.planned(lake.spark, strategy.compute(sources, lake.settings.as_of))
    expected = sum(lake.log(get_table(name)).row_count() for name in names)
    due = due_mark(table, cutoffs)
    if due is None:
        return rows.stage(area, expected), 0
    archived = lake.read(table).where(due.archived(table)).stage(area, expected)
    later = rows.where(due.archived(table), is_met=False).anti_join(archived, table.key)
    return union([later, archived]).stage(area, expected), archived.df.count()
