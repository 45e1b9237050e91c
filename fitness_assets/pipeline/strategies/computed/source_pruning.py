"""Reading of a table's other sources only what can meet the changed rows of one of them."""

from dataclasses import dataclass

from fitness_assets.contracts.model import EquiJoin, RangeJoin, Source, Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.errors import ContractError
from fitness_assets.lakehouse import InRanges, Lakehouse, Overlaps, Predicate, RowSet, StagingArea, Where
from fitness_assets.pipeline.strategies.computed.plan import Plan

_EXPECTED_ROWS = 0
"""A guess that makes a restricted source be computed in this process, unless it is found to be too large for that."""


@dataclass(frozen=True)
class ChangedRows:
    """A source that changed.

    Attributes:
        values: the values in its change key that changed, also of rows that are gone.
        current: its rows with these values as they are now.
    """

    source: Source
    values: RowSet
    current: RowSet


@dataclass(frozen=True)
class _JoinEnd:
    """One end of a join whose other end is known: the column there, and the rows at the other end with theirs."""

    column: str
    rows: RowSet
    rows_column: str


def pruned_sources(
    lake: Lakehouse, table: Table, plan: Plan, changed: ChangedRows, area: StagingArea
) -> dict[str, RowSet]:
    """Every source by its short name: the changed one as given, the others restricted along the joins."""
    pruned = {changed.source.name: changed.current}
    remaining = [source for source in table.sources if source.name != changed.source.name]
    if not lake.pays_to_prune([get_table(source.table) for source in table.sources]):
        return pruned | {
            source.name: lake.read(get_table(source.table), plan.versions[source.table].number) for source in remaining
        }
    while remaining:
        source = _next_source(table, remaining, pruned)
        remaining.remove(source)
        predicates = [_predicate(join, source.name, pruned, changed) for join in table.joins]
        among = [_values(join, source.name, pruned, changed) for join in table.joins]
        rows = lake.lookup(
            get_table(source.table),
            plan.versions[source.table].number,
            [predicate for predicate in predicates if predicate is not None],
            [values for values in among if values is not None],
            is_intermediate=bool(remaining),
        )
        pruned[source.name] = rows.stage(area, _EXPECTED_ROWS) if remaining else rows
    return pruned


def _next_source(table: Table, remaining: list[Source], pruned: dict[str, RowSet]) -> Source:
    for source in remaining:
        for join in table.joins:
            if isinstance(join, EquiJoin) and _other_source(join, source.name) in pruned:
                return source
    raise ContractError(f"The joins of {table.full_name} do not join {remaining[0].table} to its other sources.")


def _predicate(
    join: EquiJoin | RangeJoin, name: str, pruned: dict[str, RowSet], changed: ChangedRows
) -> Predicate | None:
    """The join as a predicate of literals on the source `name`, if its other end is known."""
    if isinstance(join, EquiJoin):
        end = _join_end(join, name, pruned, changed)
        return Where(end.column, InRanges(end.rows.ranges(end.rows_column))) if end else None
    point, interval = _source_of(join.point), _source_of(join.start)
    start, end_ = _column_of(join.start), _column_of(join.end)
    if name == point and interval in pruned:
        return Where(_column_of(join.point), InRanges(pruned[interval].interval_ranges(start, end_)))
    if name == interval and point in pruned:
        return Overlaps(start, end_, pruned[point].ranges(_column_of(join.point)))
    return None


def _values(join: EquiJoin | RangeJoin, name: str, pruned: dict[str, RowSet], changed: ChangedRows) -> RowSet | None:
    """The values that the join allows in a column of the source `name`, where they are few."""
    end = _join_end(join, name, pruned, changed) if isinstance(join, EquiJoin) else None
    return end.rows.values(end.rows_column, end.column) if end else None


def _join_end(join: EquiJoin, name: str, pruned: dict[str, RowSet], changed: ChangedRows) -> _JoinEnd | None:
    other = _other_source(join, name)
    if other is None or other not in pruned:
        return None
    own_end, other_end = (join.left, join.right) if _source_of(join.left) == name else (join.right, join.left)
    column = _column_of(other_end)
    is_change_key = other == changed.source.name and column in changed.source.change_key
    return _JoinEnd(_column_of(own_end), changed.values if is_change_key else pruned[other], column)


def _other_source(join: EquiJoin, name: str) -> str | None:
    left, right = _source_of(join.left), _source_of(join.right)
    return right if left == name else left if right == name else None


def _source_of(end: str) -> str:
    return end.split(".")[0]


def _column_of(end: str) -> str:
    return end.split(".")[1]
