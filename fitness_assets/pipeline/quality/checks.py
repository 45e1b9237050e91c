"""Checks from the contract, without an engine: schema, keys, values, relationships, and what the strategies add.

A table that did not change since it was checked is not read again. Of a large table only the files that are new since
then are checked, against the rows that can meet theirs.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timezone

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.lakehouse import Lakehouse, QueryEngine, TableScan, Version
from fitness_assets.pipeline.quality.relationships import orphans
from fitness_assets.pipeline.result import CheckResult
from fitness_assets.pipeline.state.progress import ProgressStore, state_prefix
from fitness_assets.pipeline.strategies import strategies_of
from fitness_assets.settings import Settings
from fitness_assets.storage import StorageReader, open_storage

FULL_CHECK_ROWS = 50_000
"""Up to this many rows a table is checked whole whenever it changed."""


@dataclass(frozen=True)
class CheckRecord:
    """What was found when a table was last checked: its version, the sources' versions, the results, and when (UTC)."""

    versions: dict[str, Version]
    results: list[CheckResult]
    checked_at: datetime


def check_descriptions(table: Table) -> dict[str, str]:
    """The checks of a table: name and what it holds to be true."""
    descriptions = {"schema": "The columns are those of the contract, in name and type."}
    if any(not column.nullable for column in table.all_columns):
        descriptions["not_null"] = "What must have a value has one."
    if table.key:
        descriptions["unique_key"] = f"No two rows have the same {', '.join(table.key)}."
    if any(column.accepted_values for column in table.all_columns):
        descriptions["accepted_values"] = "Only the values of the contract occur."
    if table.foreign_keys:
        others = ", ".join(sorted({foreign_key.table for foreign_key in table.foreign_keys}))
        descriptions["relationships"] = f"Every row has the rows it refers to in {others}."
    for strategy in strategies_of(table):
        descriptions |= strategy.check_descriptions(table)
    return descriptions


def is_blocking(table: Table, check_name: str) -> bool:
    """Whether the tables downstream must wait until a check passes."""
    return not any(check_name in strategy.warning_checks for strategy in strategies_of(table))


def last_check_record(settings: Settings, table: Table) -> CheckRecord | None:
    """What was found when a table was last checked; None where it never was."""
    return _read_record(open_storage(settings.checkpoint_zone), table)


def is_failing(lake: Lakehouse, table: Table) -> bool:
    """Whether the table did not pass when it was last checked, and has not changed since."""
    record = last_check_record(lake.settings, table)
    if record is None or all(result.allows_downstream for result in record.results):
        return False
    return record.versions == _versions(lake, table)


def run_checks(lake: Lakehouse, table: Table) -> list[CheckResult]:
    """Check a table as it is now, or give again what was found of the same versions.

    What also depends on progress, such as the sums and the gaps, is always looked at anew.
    """
    store = ProgressStore.from_settings(lake.settings)
    record = _read_record(store.storage, table)
    versions = _versions(lake, table)
    depends_on_progress = any(strategy.depends_on_progress() for strategy in strategies_of(table))
    is_same = record is not None and record.versions == versions and not depends_on_progress
    if record and is_same and [result.name for result in record.results] == list(check_descriptions(table)):
        return record.results
    results = list(_run_checks(lake, table, store, record))
    _write_record(store, table, CheckRecord(versions, results, datetime.now(timezone.utc)))
    return results


def _run_checks(
    lake: Lakehouse, table: Table, store: ProgressStore, record: CheckRecord | None
) -> Iterator[CheckResult]:
    descriptions = check_descriptions(table)
    actual, contracted = lake.columns(table)
    yield CheckResult("schema", actual == contracted, descriptions["schema"], {"columns": ", ".join(actual)})
    if actual != contracted:
        return
    with lake.query_engine() as engine:
        scan = engine.scan(table, _version_known_good(table, record), FULL_CHECK_ROWS)
        new = scan.count(scan.new_rows)
        for name, faulty in _row_checks(lake, engine, table, scan):
            wrong = scan.count(faulty) if new else 0
            yield CheckResult(name, wrong == 0, descriptions[name], {"rows": new, "wrong": wrong})
        for strategy in strategies_of(table):
            yield from strategy(lake, table, store).check(scan)


def _row_checks(lake: Lakehouse, engine: QueryEngine, table: Table, scan: TableScan) -> Iterator[tuple[str, str]]:
    """Each check of single rows with the query that gives the wrong ones."""
    missing = [f"{scan.name(column.name)} IS NULL" for column in table.all_columns if not column.nullable]
    if missing:
        yield "not_null", f"(SELECT 1 AS wrong FROM {scan.new_rows} WHERE {' OR '.join(missing)})"
    if table.key:
        key = scan.names(table.key)
        yield "unique_key", f"(SELECT {key} FROM {scan.semi_join(scan, table.key)} GROUP BY ALL HAVING count(*) > 1)"
    other_values = [
        f"{scan.name(column.name)} NOT IN ({scan.dialect.literals(column.accepted_values)})"
        for column in table.all_columns
        if column.accepted_values
    ]
    if other_values:
        yield "accepted_values", f"(SELECT 1 AS wrong FROM {scan.new_rows} WHERE {' OR '.join(other_values)})"
    if table.foreign_keys:
        yield "relationships", orphans(lake, engine, table, scan)


def _versions(lake: Lakehouse, table: Table) -> dict[str, Version]:
    """The versions that the results depend on."""
    names = {table.full_name, *(foreign_key.table for foreign_key in table.foreign_keys)}
    if any(strategy.runs_last for strategy in strategies_of(table)):
        names |= set(FILE_FEEDS)
    versions = {name: lake.log(get_table(name)).version() for name in sorted(names)}
    return {name: version for name, version in versions.items() if version is not None}


def _version_known_good(table: Table, record: CheckRecord | None) -> Version | None:
    """The version up to which all is known to be right."""
    if record is None or not all(result.allows_downstream for result in record.results):
        return None
    return record.versions.get(table.full_name)


def _record_name(table: Table) -> str:
    return f"{state_prefix(table)}/checks.json"


def _write_record(store: ProgressStore, table: Table, record: CheckRecord) -> None:
    fields = asdict(record) | {"checked_at": record.checked_at.isoformat()}
    store.storage.put(_record_name(table), json.dumps(fields, indent=2).encode())


def _read_record(storage: StorageReader, table: Table) -> CheckRecord | None:
    content = storage.get(_record_name(table))
    try:
        fields = json.loads(content or "")
        return CheckRecord(
            versions={name: Version(**version) for name, version in fields["versions"].items()},
            results=[CheckResult(**result) for result in fields["results"]],
            checked_at=datetime.fromisoformat(fields["checked_at"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
