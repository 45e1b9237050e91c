"""Bronze judged again after a rule was mended: in one commit, so that a killed update does it again or not at all."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyarrow as pa

from fitness_assets.contracts.feeds import FILE_FEEDS, FileFeed, rules_version
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import Lakehouse, RowCounts, new_user_metadata
from fitness_assets.pipeline.state.locks import table_lock
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets.pipeline.strategies.appends import existing_version
from fitness_assets.pipeline.strategies.strategy import StrategyResult
from fitness_assets.transforms.records import SecondJudge

_NOT_JUDGED = "to be judged again"
"""The version of the rules of a table whose records are to be judged again although no rule changed."""


def ask_to_judge_again(lake: Lakehouse, table_names: Iterable[str]) -> None:
    """Let the next update of each of these tables that is a bronze one judge its records again."""
    store = ProgressStore.from_settings(lake.settings)
    for name in FILE_FEEDS.keys() & set(table_names):
        table = get_table(name)
        with table_lock(store.storage, table):
            progress = store.read(table)
            if progress is not None:
                store.write(table, replace(progress, code_version=_NOT_JUDGED))


def judge_again(lake: Lakehouse, table: Table, feed: FileFeed, progress: Progress) -> StrategyResult:
    """Read every record by the rules as they are now; where none is read otherwise nothing is written."""
    judge = SecondJudge(feed)
    for rows in lake.read_batches(table):
        judge.judge(rows)
    changed = dict(judge.changed)
    if changed:
        metadata = new_user_metadata(judged_by=rules_version(feed))
        lake.replace_batches(table, _judged(lake, table, SecondJudge(feed)), metadata)
    told = [f"{count:,} from {before} to {now}" for (before, now), count in sorted(changed.items())]
    return StrategyResult(
        progress=replace(progress, table=existing_version(lake, table), code_version=rules_version(feed)),
        mode="full" if changed else "unchanged",
        reason="its rules changed" if changed else "",
        counts=RowCounts(updated=sum(changed.values())),
        warnings=(f"Records are read otherwise than before: {', '.join(told)}.",) if told else (),
    )


def _judged(lake: Lakehouse, table: Table, judge: SecondJudge) -> Iterator[pa.Table]:
    for rows in lake.read_batches(table):
        yield judge.judge(rows)
