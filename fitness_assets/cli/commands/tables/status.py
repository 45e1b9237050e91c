"""`fitness-assets status`: how the platform stands, on one screen."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from fitness_assets.cli.output import Heading, print_table, utc_text

if TYPE_CHECKING:
    from fitness_assets.settings import KafkaSettings

_NAMES = 5
_FEEDS = (
    Heading("landing zone"),
    Heading("files", is_number=True),
    Heading("waiting", is_number=True),
    Heading("refused files", is_number=True),
    Heading("left alone", is_number=True),
    Heading("records", is_number=True),
)
_REFUSED = (Heading("refused records of"), Heading("reason"), Heading("records", is_number=True))
_LAG = (Heading("topic"), Heading("unread", is_number=True), Heading("records ever", is_number=True))
_CHECKS = (
    Heading("table"),
    Heading("rows", is_number=True),
    Heading("checks passed", is_number=True),
    Heading("failed"),
    Heading("checked (UTC)"),
)


@click.command()
def status() -> None:
    """Print what landed, waits or was refused, the lag, the checks.

    Nothing is changed, and no engine is started where tables are folders. Ends with 1 where a check failed for which
    tables downstream wait.
    """
    from fitness_assets.engine.spark_session import get_spark_session
    from fitness_assets.errors import ValidationError
    from fitness_assets.lakehouse import open_lakehouse
    from fitness_assets.pipeline.status import feed_statuses, refused_counts, table_checks
    from fitness_assets.settings import Settings

    settings = Settings.from_env()
    lake = open_lakehouse(settings, get_spark_session)
    feeds = list(feed_statuses(lake))
    rows = [
        (feed.files, len(feed.waiting), len(feed.refused_files), len(feed.left_alone), feed.records) for feed in feeds
    ]
    print_table(
        _FEEDS, [[feed.name, *(f"{figure:,}" for figure in row)] for feed, row in zip(feeds, rows, strict=True)]
    )
    for feed in feeds:
        _print_names("waiting", feed.name, feed.waiting)
        _print_names("refused", feed.name, _with_reasons(feed.refused_files))
        _print_names("left alone", feed.name, _with_reasons(feed.left_alone))
    if settings.kafka is not None:
        _print_lag(settings.kafka)
    refused = refused_counts(lake)
    if refused:
        click.echo()
        print_table(_REFUSED, [[count.source, count.reason, f"{count.records:,}"] for count in refused])
    click.echo()
    checks = list(table_checks(lake))
    print_table(
        _CHECKS,
        [
            [
                table.table,
                f"{table.rows:,}",
                f"{table.passed:,}",
                ", ".join(check.name for check in table.failed) or "-",
                utc_text(table.checked_at) if table.checked_at else "never",
            ]
            for table in checks
        ],
    )
    blocked = [table.table for table in checks if not all(check.allows_downstream for check in table.failed)]
    if blocked:
        raise ValidationError(
            f"{', '.join(blocked)} did not pass; what to do stands in docs/operations.md and on the quality page."
        )


def _print_names(what: str, folder: str, names: Iterable[str]) -> None:
    """Some of the files, one a line."""
    names = list(names)
    for name in names[:_NAMES]:
        click.echo(f"  {what}: {folder}/{name}")
    if len(names) > _NAMES:
        click.echo(f"  {what}: and {len(names) - _NAMES:,} more in {folder}")


def _with_reasons(files: Mapping[str, str]) -> list[str]:
    return [f"{name} ({reason})" for name, reason in files.items()]


def _print_lag(settings: "KafkaSettings") -> None:
    from fitness_assets.errors import KafkaError
    from fitness_assets.kafka.cluster import Cluster
    from fitness_assets.kafka.lag import LagMonitor

    click.echo()
    try:
        lags = LagMonitor(Cluster(settings), settings).measure()
    except KafkaError as error:
        click.echo(f"  {error}")
        return
    print_table(_LAG, [[lag.topic, f"{lag.records:,}", f"{lag.end_offset:,}"] for lag in lags])
