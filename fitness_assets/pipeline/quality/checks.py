"""Checks from the contract, without an engine: schema, keys, values, relationships, and the sums of section 5.

A table that did not change since it was checked is not read again. Of a large table only the files that
are new since then are checked, against the rows that can meet theirs.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from fitness_assets.contracts.feeds import FILE_FEEDS, KAFKA_RECORDS
from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.contracts.registry import get_table
from fitness_assets.kafka.reading import Position
from fitness_assets.lakehouse.looking import Look, Rows
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.lakehouse.transaction_log import Version
from fitness_assets.pipeline.quality.reconciliation import compare_files, reconcile
from fitness_assets.pipeline.state.progress import ProgressStore
from fitness_assets.settings import Settings
from fitness_assets.transforms.bronze import KAFKA_SCHEME

CHECKED_WHOLE = 50_000
"""Up to this many rows a table is checked whole whenever it changed."""


@dataclass(frozen=True)
class CheckResult:
    """One run_checks of one table.

    Attributes:
        figures: numbers for people: rows looked at, rows that are wrong, sums.
        blocking: whether the tables above must wait until it passes.
    """

    name: str
    passed: bool
    description: str
    figures: dict[str, int | str] = field(default_factory=dict)
    blocking: bool = True

    @property
    def good(self) -> bool:
        """Whether the tables above may use the table."""
        return self.passed or not self.blocking


@dataclass(frozen=True)
class CheckRecord:
    """What was noted when a table was last checked: its version, the sources' versions, the results."""

    versions: dict[str, Version]
    results: list[CheckResult]


def check_descriptions(table: Table) -> dict[str, str]:
    """The checks of a table: name and what it holds to be true."""
    wanted = {"schema": "The columns are those of the contract, in name and type."}
    if any(not column.nullable for column in table.all_columns):
        wanted["not_null"] = "What must have a value has one."
    if table.key:
        wanted["unique_key"] = f"No two rows have the same {', '.join(table.key)}."
    if any(column.accepted_values for column in table.all_columns):
        wanted["allowed_values"] = "Only the values of the contract occur."
    if table.foreign_keys:
        others = ", ".join(sorted({reference.table for reference in table.foreign_keys}))
        wanted["relationships"] = f"Every row has the rows it refers to in {others}."
    if table.strategy is UpdateStrategy.APPEND:
        wanted["landed_equals_loaded"] = "Every record of the files that were compare_files is here, exactly once."
    if table.full_name == KAFKA_RECORDS.table:
        wanted["each_offset_once"] = "No record of a broker is here twice."
        wanted["nothing_missed"] = (
            "Every record that the broker held was read before it was gone. Once the gaps are known, "
            "`fitness-assets kafka --accept-gaps` strikes them off."
        )
    if table.strategy is UpdateStrategy.QUARANTINE:
        wanted["nothing_lost"] = "For every source: records in bronze = records accepted + records in quarantine."
    return wanted


def last_check_results(settings: Settings, table: Table) -> tuple[CheckRecord, datetime] | None:
    """What was found when a table was last checked, and when that was (UTC); None where it never was."""
    file = _note(settings, table)
    found = _read(file)
    return (found, datetime.fromtimestamp(file.stat().st_mtime, timezone.utc)) if found else None


def is_failing(lake: Lakehouse, table: Table) -> bool:
    """Whether the table did not pass when it was last checked, and has not changed since."""
    before = _read(_note(lake.settings, table))
    if before is None or all(one.good for one in before.results):
        return False
    return before.versions == _versions(lake, table)


def run_checks(lake: Lakehouse, table: Table) -> list[CheckResult]:
    """Check a table as it is now, or give again what was found of the same versions.

    The sums and the gaps are always looked at anew: they also depend on what is noted elsewhere.
    """
    file = _note(lake.settings, table)
    before = _read(file)
    versions = _versions(lake, table)
    more = table.strategy is UpdateStrategy.QUARANTINE or table.full_name == KAFKA_RECORDS.table
    same = before is not None and before.versions == versions and not more
    if before and same and [one.name for one in before.results] == list(check_descriptions(table)):
        return before.results
    results = list(_check(lake, table, before))
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".tmp")
    new.write_text(json.dumps(asdict(CheckRecord(versions, results)), indent=2), encoding="utf-8")
    new.replace(file)
    return results


def _check(lake: Lakehouse, table: Table, before: CheckRecord | None) -> Iterator[CheckResult]:
    wanted = check_descriptions(table)
    there, contracted = lake.columns(table)
    yield CheckResult("schema", there == contracted, wanted["schema"], {"columns": ", ".join(there)})
    if there != contracted:
        return
    with lake.look() as look:
        rows = look.rows(table, _good_before(table, before), CHECKED_WHOLE)
        new = rows.count(rows.new_rows)
        for name, faulty in _row_checks(lake, look, table, rows):
            wrong = rows.count(faulty) if new else 0
            yield CheckResult(name, wrong == 0, wanted[name], {"rows": new, "wrong": wrong})
        if table.strategy is UpdateStrategy.APPEND:
            found = compare_files(rows, FILE_FEEDS[table.full_name])
            yield CheckResult(
                "landed_equals_loaded", found.landed == found.loaded, wanted["landed_equals_loaded"], asdict(found)
            )
        if table.full_name == KAFKA_RECORDS.table:
            yield from _kafka_checks(lake, table, rows, wanted)
    if table.strategy is UpdateStrategy.QUARANTINE:
        books = reconcile(lake)
        sums: dict[str, int | str] = {book.source: str(book) for book in books}
        yield CheckResult("nothing_lost", all(book.right for book in books), wanted["nothing_lost"], sums)


def _kafka_checks(lake: Lakehouse, table: Table, rows: Rows, wanted: dict[str, str]) -> Iterator[CheckResult]:
    place = rows.names(("source_file", "partition", "offset"))
    records = f"(SELECT {place} FROM {{}} WHERE source_file LIKE '{KAFKA_SCHEME}%')"
    near = records.format(rows.near(rows, ("offset",)))
    new = rows.count(records.format(rows.new_rows))
    wrong = rows.count(f"(SELECT {place} FROM {near} GROUP BY ALL HAVING count(*) > 1)") if new else 0
    yield CheckResult("each_offset_once", wrong == 0, wanted["each_offset_once"], {"rows": new, "wrong": wrong})
    noted = ProgressStore(lake.settings).read(table)
    gaps = Position.from_json(noted.kafka).gaps if noted and noted.kafka else ()
    figures: dict[str, int | str] = {"gaps": "; ".join(map(str, gaps)) or "none"}
    yield CheckResult("nothing_missed", not gaps, wanted["nothing_missed"], figures, blocking=False)


def _row_checks(lake: Lakehouse, look: Look, table: Table, rows: Rows) -> Iterator[tuple[str, str]]:
    """Each run_checks of single rows with the query that gives the wrong ones."""
    required = [f"{rows.name(column.name)} IS NULL" for column in table.all_columns if not column.nullable]
    if required:
        yield "not_null", f"(SELECT 1 AS wrong FROM {rows.new_rows} WHERE {' OR '.join(required)})"
    if table.key:
        key = rows.names(table.key)
        yield "unique_key", f"(SELECT {key} FROM {rows.near(rows, table.key)} GROUP BY ALL HAVING count(*) > 1)"
    allowed = [
        f"{rows.name(c.name)} NOT IN ({_texts(c.accepted_values)})" for c in table.all_columns if c.accepted_values
    ]
    if allowed:
        yield "allowed_values", f"(SELECT 1 AS wrong FROM {rows.new_rows} WHERE {' OR '.join(allowed)})"
    if table.foreign_keys:
        orphans = []
        for reference in table.foreign_keys:
            lake.ensure(get_table(reference.table))
            columns = rows.names(reference.columns)
            there = f"(SELECT {columns} FROM {look.rows(get_table(reference.table)).near(rows, reference.columns)})"
            orphans.append(f"SELECT 1 AS wrong FROM {rows.new_rows} ANTI JOIN {there} USING ({columns})")
        yield "relationships", f"({' UNION ALL '.join(orphans)})"


def _texts(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _versions(lake: Lakehouse, table: Table) -> dict[str, Version]:
    names = {table.full_name, *(reference.table for reference in table.foreign_keys)}
    if table.strategy is UpdateStrategy.QUARANTINE:
        names |= set(FILE_FEEDS)
    found = {name: lake.log(get_table(name)).version() for name in sorted(names)}
    return {name: version for name, version in found.items() if version is not None}


def _good_before(table: Table, before: CheckRecord | None) -> Version | None:
    """The version up to which all is known to be right."""
    if before is None or not all(one.passed for one in before.results):
        return None
    return before.versions.get(table.full_name)


def _note(settings: Settings, table: Table) -> Path:
    return ProgressStore(settings).folder(table) / "checked.json"


def _read(file: Path) -> CheckRecord | None:
    try:
        noted = json.loads(file.read_text(encoding="utf-8"))
        versions = {name: Version(**version) for name, version in noted["versions"].items()}
        return CheckRecord(versions, [CheckResult(**result) for result in noted["results"]])
    except (FileNotFoundError, json.JSONDecodeError, KeyError, TypeError, AttributeError):
        return None
