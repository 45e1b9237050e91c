"""Asset checks from the contract, without an engine: keys, values, relationships, schema, and the sums of section 5."""

from collections.abc import Iterable, Iterator

import duckdb
from dagster import AssetCheckResult, AssetChecksDefinition, AssetCheckSeverity, AssetCheckSpec, multi_asset_check

from fitness_assets.contracts.catalog import table as contract
from fitness_assets.contracts.catalog import tables
from fitness_assets.contracts.model import Kind, Table
from fitness_assets.defs.describe import key_of
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.accounting import accounts
from fitness_assets.resources.platform import LakehouseResource


def table_checks() -> list[AssetChecksDefinition]:
    return [_checks(table) for table in tables().values()]


def _checks(table: Table) -> AssetChecksDefinition:
    specs = [
        AssetCheckSpec(name, asset=key_of(table.full_name), description=description, blocking=True)
        for name, description in _wanted(table).items()
    ]

    @multi_asset_check(name=f"check_{table.layer.value}_{table.name}", specs=specs)
    def check(lakehouse: LakehouseResource) -> Iterable[AssetCheckResult]:
        yield from _results(lakehouse.lakehouse(), table)

    return check


def _wanted(table: Table) -> dict[str, str]:
    wanted = {"columns": "The columns are those of the contract, and what may not be null is not."}
    if table.key:
        wanted["unique_key"] = f"No two rows have the same {', '.join(table.key)}."
    if any(column.allowed for column in table.all_columns):
        wanted["allowed_values"] = "Only the values of the contract occur."
    if table.references:
        wanted["relationships"] = "Every row has the rows it refers to."
    if table.kind is Kind.REFUSED:
        wanted["nothing_lost"] = "For every source: records in bronze = records accepted + records in quarantine."
    return wanted


def _results(lake: Lakehouse, table: Table) -> Iterator[AssetCheckResult]:
    asset = key_of(table.full_name)
    lake.ensure(table)
    with duckdb.connect() as db:
        db.register("t", lake.log(table).delta().to_pyarrow_dataset())
        rows = _count(db, "SELECT count(*) FROM t")
        required = [column.name for column in table.all_columns if not column.nullable]
        nulls = _count(db, f"SELECT count(*) FROM t WHERE {' OR '.join(_null(n) for n in required) or 'false'}")
        yield _verdict(asset, "columns", nulls, rows)
        if table.key:
            names = ", ".join(f'"{name}"' for name in table.key)
            yield _verdict(
                asset, "unique_key", _count(db, f"SELECT count(*) FROM (SELECT {names} FROM t GROUP BY ALL HAVING count(*) > 1)"), rows
            )
        allowed = [column for column in table.all_columns if column.allowed]
        if allowed:
            wrong = " OR ".join(f'"{c.name}" NOT IN {tuple([*c.allowed, ""])}' for c in allowed)
            yield _verdict(asset, "allowed_values", _count(db, f"SELECT count(*) FROM t WHERE {wrong}"), rows)
        if table.references:
            yield _verdict(asset, "relationships", sum(_orphans(db, lake, table)), rows)
    if table.kind is Kind.REFUSED:
        books = accounts(lake)
        off = [book for book in books if book.complete and book.bronze != book.accepted + book.refused]
        yield AssetCheckResult(
            asset_key=asset,
            check_name="nothing_lost",
            passed=not off,
            metadata={book.source: f"{book.bronze:,} = {book.accepted:,} + {book.refused:,}" for book in books},
        )


def _orphans(db: duckdb.DuckDBPyConnection, lake: Lakehouse, table: Table) -> Iterator[int]:
    for reference in table.references:
        other = contract(reference.table)
        lake.ensure(other)
        db.register("other", lake.log(other).delta().to_pyarrow_dataset())
        names = ", ".join(f'"{name}"' for name in reference.columns)
        yield _count(db, f"SELECT count(*) FROM t ANTI JOIN other USING ({names})")


def _verdict(asset: object, name: str, wrong: int, rows: int) -> AssetCheckResult:
    return AssetCheckResult(
        asset_key=asset,  # type: ignore[arg-type]
        check_name=name,
        passed=wrong == 0,
        severity=AssetCheckSeverity.ERROR,
        metadata={"rows": rows, "wrong": wrong},
    )


def _count(db: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = db.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _null(name: str) -> str:
    return f'"{name}" IS NULL'
