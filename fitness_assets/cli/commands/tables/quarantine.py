"""`fitness-assets quarantine`: what was refused and why, and the rules applied to it again."""

from typing import TYPE_CHECKING

import click

from fitness_assets.cli.output import Heading, print_table, utc_text
from fitness_assets.cli.progress import TableProgress

if TYPE_CHECKING:
    from fitness_assets.lakehouse import Lakehouse

_LINE = 100
_COUNTS = (Heading("source"), Heading("reason"), Heading("records", is_number=True))
_RECORDS = (Heading("loaded (UTC)"), Heading("reason"), Heading("where"), Heading("record"))


@click.group()
def quarantine() -> None:
    """What was refused and why, and the rules applied to it again."""


@quarantine.command(name="list")
def list_() -> None:
    """Print how many records were refused, by source and reason."""
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.settings import Settings

    _print_counts(open_lakehouse(Settings.from_env(), get_spark_session))


@quarantine.command()
@click.option("--reason", metavar="REASON", help="Only records refused for this reason.")
@click.option("--source", metavar="TABLE", help="Only records of this bronze table.")
@click.option("--file", "source_file", metavar="FILE", help="Only records of this file, as `where` names it.")
@click.option("--limit", default=20, show_default=True, help="At most so many, the latest first.")
@click.option("--whole", is_flag=True, help="Print the records whole; otherwise as much as a line holds.")
def show(reason: str | None, source: str | None, source_file: str | None, limit: int, whole: bool) -> None:
    """Print refused records. They hold personal data."""
    from fitness_assets.contracts.registry import quarantine_table
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.settings import Settings

    lake, table = open_lakehouse(Settings.from_env(), get_spark_session), quarantine_table()
    if not lake.log(table).exists():
        click.echo("Nothing was refused yet.")
        return
    chosen = {"reason": reason, "source_table": source, "source_file": source_file}
    with lake.query_engine() as engine:
        scan = engine.scan(table)
        where = " AND ".join(
            f"{scan.name(name)} = {scan.dialect.literal(value)}" for name, value in chosen.items() if value is not None
        )
        records = scan.fetch(
            f"SELECT load_time, reason, source_file, line_number, record, raw_encoding FROM {scan.all_rows} "
            f"WHERE {where or 'true'} ORDER BY load_time DESC, source_file, line_number LIMIT {limit}"
        )
    rows = []
    for load_time, why, file, line, record, encoding in records:
        place = f"{file}:{line}" if line is not None else str(file)
        text = f"{encoding}: {record}" if encoding else str(record or "")
        rows.append([utc_text(load_time), why, place, text if whole else _shortened(text)])
    print_table(_RECORDS, rows)
    click.echo(f"  {len(rows):,} records" + (f", the latest of at most {limit:,}" if len(rows) == limit else ""))


@quarantine.command()
def replay() -> None:
    """Judge bronze again, and bring in what is accepted now.

    A changed rule does so by itself with the next update; this does it at once, and prints before and after.
    """
    from fitness_assets.contracts.registry import all_tables
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.errors import UpdateError
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.pipeline.scheduler import update_tables
    from fitness_assets.pipeline.strategies.ingestion.rejudging import ask_to_judge_again
    from fitness_assets.settings import Settings

    lake = open_lakehouse(Settings.from_env(), get_spark_session)
    click.echo("Before:")
    _print_counts(lake)
    ask_to_judge_again(lake, all_tables())
    outcomes = []
    with TableProgress(len(all_tables())) as progress:
        for outcome in update_tables(lake, all_tables(), on_start=progress.start):
            progress.finish_update(outcome)
            outcomes.append(outcome)
    click.echo("After:")
    _print_counts(lake)
    failed = [outcome.table.full_name for outcome in outcomes if outcome.has_problem]
    if failed:
        raise UpdateError(f"{', '.join(failed)} could not be brought up to date; see above.")


def _print_counts(lake: "Lakehouse") -> None:
    from fitness_assets.pipeline.status import refused_counts

    counts = refused_counts(lake)
    print_table(_COUNTS, [[count.source, count.reason, f"{count.records:,}"] for count in counts])
    click.echo(f"  {sum(count.records for count in counts):,} records are refused.")


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LINE else f"{text[: _LINE - 1]}…"
