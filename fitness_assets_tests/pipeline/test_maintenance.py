"""What maintenance does itself, and what it leaves to a workspace that looks after its tables."""

import re
from pathlib import Path

import pytest

from fitness_assets.contracts.model import Table
from fitness_assets.databricks.runs.reporting.messages import maintained_message, parse_message
from fitness_assets.lakehouse.local.lakehouse import LocalLakehouse
from fitness_assets.lakehouse.rows import limits
from fitness_assets.pipeline.maintenance import COMPACTION_MIN_FILES, maintain_table
from fitness_assets_tests.lakehouse.readings import HEART_RATE, append, changes, lake_without_spark, no_spark, readings

FILES = COMPACTION_MIN_FILES + 2


class _OptimizedLakehouse(LocalLakehouse):
    """Real tables in folders, that somebody else is said to look after."""

    def is_optimized_elsewhere(self, table: Table) -> bool:
        return table is HEART_RATE


def fill(lake: LocalLakehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SMALL_FILES", 10 * FILES)
    lake.ensure(HEART_RATE)
    for number in range(FILES):
        append(lake, readings([number]))


def test_many_small_files_are_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = lake_without_spark(tmp_path)
    fill(lake, monkeypatch)
    maintained = maintain_table(lake, HEART_RATE)
    assert (maintained.files_before, maintained.files_after, maintained.is_left) == (FILES, 1, False)
    assert maintained.line().endswith("18 files put together into 1")


def test_files_that_the_workspace_looks_after_are_left_but_old_ones_with_personal_data_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = lake_without_spark(tmp_path)
    fill(lake, monkeypatch)
    lake.apply_changes(HEART_RATE, changes(readings([0]), ["delete"]))
    commit = lake.log(HEART_RATE).file(FILES + 1)
    commit.write_text(re.sub(r'"deletionTimestamp": *\d+', '"deletionTimestamp":0', commit.read_text()))
    lake = _OptimizedLakehouse(lake.settings, no_spark)
    maintained = maintain_table(lake, HEART_RATE)
    assert (maintained.files_before, maintained.files_after, maintained.is_left) == (FILES - 1, FILES - 1, True)
    assert len(list(lake.log(HEART_RATE).snapshot().path.glob("*.parquet"))) == FILES - 1
    assert maintained.line().endswith("its files are put together by the workspace")
    assert parse_message(maintained_message(maintained)) == maintained
