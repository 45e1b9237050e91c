"""The only code that touches Delta: where a table lies, reading, what changed, keyed writes.

This is its face; what lies in `local` (tables in folders) and `unity` (tables in a catalog) is nobody else's concern.
"""

from fitness_assets.lakehouse.conflicts import conflicts_as_errors
from fitness_assets.lakehouse.factory import open_lakehouse
from fitness_assets.lakehouse.interface import Lakehouse
from fitness_assets.lakehouse.local.snapshot import DataFile
from fitness_assets.lakehouse.local.table_files import TableFiles, table_files
from fitness_assets.lakehouse.local.table_snapshots import TableSnapshot, TableSnapshots
from fitness_assets.lakehouse.merge_input import read_merge_input
from fitness_assets.lakehouse.predictive_optimization import is_optimized
from fitness_assets.lakehouse.preview import MASKED, as_markdown
from fitness_assets.lakehouse.rows.cache import RowCache
from fitness_assets.lakehouse.rows.change_feed import ChangeFeed
from fitness_assets.lakehouse.rows.combining import derive, union, union_distinct
from fitness_assets.lakehouse.rows.diff import CHANGE_TYPE, RowCounts, diff_rows
from fitness_assets.lakehouse.rows.rowset import RowSet, SparkProvider, StagingArea
from fitness_assets.lakehouse.rows.stretches import in_stretches
from fitness_assets.lakehouse.spark.failures import ENGINE_FAILURES
from fitness_assets.lakehouse.spark.writer import new_user_metadata
from fitness_assets.lakehouse.sql.dialect import DUCKDB, SPARK, SqlDialect
from fitness_assets.lakehouse.sql.predicates import (
    Between,
    Condition,
    InRanges,
    OneOf,
    Overlaps,
    Predicate,
    Where,
)
from fitness_assets.lakehouse.sql.query_engine import QueryEngine, TableScan
from fitness_assets.lakehouse.transaction_log import OVERWRITE, RESTATING_OPERATIONS, Commit, TransactionLog, Version
from fitness_assets.lakehouse.unreadable import READ_FAILURES

__all__ = [
    "CHANGE_TYPE",
    "DUCKDB",
    "ENGINE_FAILURES",
    "MASKED",
    "OVERWRITE",
    "READ_FAILURES",
    "RESTATING_OPERATIONS",
    "SPARK",
    "Between",
    "ChangeFeed",
    "Commit",
    "Condition",
    "DataFile",
    "InRanges",
    "Lakehouse",
    "OneOf",
    "Overlaps",
    "Predicate",
    "QueryEngine",
    "RowCache",
    "RowCounts",
    "RowSet",
    "SparkProvider",
    "SqlDialect",
    "StagingArea",
    "TableFiles",
    "TableScan",
    "TableSnapshot",
    "TableSnapshots",
    "TransactionLog",
    "Version",
    "Where",
    "as_markdown",
    "conflicts_as_errors",
    "derive",
    "diff_rows",
    "in_stretches",
    "is_optimized",
    "new_user_metadata",
    "open_lakehouse",
    "read_merge_input",
    "table_files",
    "union",
    "union_distinct",
]
