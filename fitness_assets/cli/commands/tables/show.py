"""`fitness-assets show`: what the gold tables hold."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from fitness_assets.cli.output import Heading, print_table, utc_text

if TYPE_CHECKING:
    from fitness_assets.lakehouse import Lakehouse

_ROWS = 10


@click.command()
def show() -> None:
    """Print the first rows of both gold tables."""
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.settings import Settings

    print_gold_tables(open_lakehouse(Settings.from_env(), get_spark_session))


def print_gold_tables(lake: "Lakehouse") -> None:
    """Print each gold table that is there: its description, its first rows, and how many there are in all."""
    from fitness_assets.contracts.model import Layer
    from fitness_assets.contracts.registry import all_tables

    for table in all_tables().values():
        if table.layer is not Layer.GOLD or not lake.log(table).exists():
            continue
        with lake.query_engine() as engine:
            scan = engine.scan(table)
            columns = scan.names(column.name for column in table.columns)
            rows = scan.fetch(f"SELECT {columns} FROM {scan.all_rows} ORDER BY {columns} LIMIT {_ROWS}")
        total = lake.log(table).row_count()
        click.echo(f"\n{table.full_name}: {table.description}")
        print_table([Heading(column.name) for column in table.columns], [list(map(_cell, row)) for row in rows])
        click.echo(f"  {len(rows)} of {total:,} rows, times in UTC" if total else "  no rows yet")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return utc_text(value)
    return f"{value:.2f}" if isinstance(value, float) else str(value)
