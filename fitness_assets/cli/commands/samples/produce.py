"""`fitness-assets produce`: people who train now, as Kafka records, SQL rows or files, until stopped."""

import time
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fitness_assets.cli.parameters import instant, minutes_range, positive_number, share

if TYPE_CHECKING:
    from fitness_assets.sample.sink import Sink


@click.command()
@click.option(
    "--to",
    type=click.Choice(["kafka", "files", "sql"]),
    required=True,
    help="kafka: the topics; sql: the tables; the rest goes to the other one where it is set, else to files.",
)
@click.option("--people", type=click.IntRange(1), default=20, show_default=True, help="People at a time.")
@click.option(
    "--minutes", type=minutes_range, default="1-5", show_default=True, metavar="FROM-TO", help="How long they train."
)
@click.option("--rate", type=positive_number, help="Records a second in all, whatever their times.")
@click.option(
    "--speed",
    type=positive_number,
    metavar="NUMBER",
    help="1 is real time, 60 a minute in each second; not with --rate.  [default: 1]",
)
@click.option("--seconds", type=positive_number, help="Stop after that time.")
@click.option("--records", type=click.IntRange(1), help="Stop after that many records.")
@click.option("--late", type=share, default=0.02, show_default=True, help="Share of late records.")
@click.option("--repeated", type=share, default=0.01, show_default=True, help="Share of repeated records.")
@click.option("--corrected", type=share, default=0.0, show_default=True, help="Share of corrected records.")
@click.option("--malformed", type=share, default=0.002, show_default=True, help="Share of malformed records.")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="Another seed gives other people.")
@click.option(
    "--start", type=instant, metavar="TIME", help="When it begins, such as 2026-01-31T12:00:00Z.  [default: now]"
)
@click.option(
    "--file-seconds",
    type=positive_number,
    metavar="NUMBER",
    default=5.0,
    show_default=True,
    help="From one file to the next.",
)
def produce(
    to: str,
    people: int,
    minutes: tuple[float, float],
    rate: float | None,
    speed: float | None,
    seconds: float | None,
    records: int | None,
    late: float,
    repeated: float,
    corrected: float,
    malformed: float,
    seed: int,
    start: int | None,
    file_seconds: float,
) -> None:
    """Play people who train now, until Ctrl-C.

    All that was sent is delivered before it ends.
    """
    from fitness_assets.sample.faults import Faults
    from fitness_assets.sample.live_events import Crowd, live_arrivals
    from fitness_assets.sample.replay import Pace, replay
    from fitness_assets.stop_signal import StopSignal

    if rate is not None and speed is not None:
        raise click.UsageError("--rate and --speed exclude each other.")
    with StopSignal() as stop:
        sink = _sink(to, file_seconds)
        beginning = start if start is not None else int(time.time())
        crowd = Crowd(beginning, people, minutes, seed, Faults(late, repeated, corrected, malformed))
        pace = Pace(rate, speed or 1.0, seconds or inf, records or inf)
        click.echo(f"{people:,} people, seed {seed}, {_pace_text(pace.rate, pace.speed)}. Ctrl-C to stop.")
        played = replay(live_arrivals(crowd), beginning, sink, pace, stop, click.echo)
    click.echo(f"Stopped. {played}.")


def _sink(to: str, every: float) -> "Sink":
    """Topics and tables each to where they go, said in a line each."""
    from fitness_assets.sample.file_sink import FileSink
    from fitness_assets.sample.sink import SplitSink
    from fitness_assets.settings import Settings
    from fitness_assets.settings.sql_source import SqlSettings

    settings, database = Settings.from_env(), SqlSettings.from_env()
    broker, url = settings.kafka, database.url.get_secret_value() if database else ""
    kafka: Sink | None = None
    sql: Sink | None = None
    if to == "kafka" or (to == "sql" and broker):
        from fitness_assets.sample.kafka_sink import KafkaSink

        kafka = KafkaSink(broker.for_librdkafka if broker else {})
        click.echo(f"The topics user_info, workout and bpm go to Kafka at {kafka.address}.")
    if to == "sql" or (to == "kafka" and url):
        from fitness_assets.sample.sql_sink import SqlSink

        sql = SqlSink(url)
        click.echo(f"Registrations and gym logins go to the tables registered_users and gym_logins of {sql.address}.")
    if kafka and sql:
        return SplitSink(kafka, sql)
    files = FileSink(settings.landing_zone, every)
    rest = "Registrations and gym logins go" if kafka else "The topics go" if sql else "All goes"
    click.echo(f"{rest} to files in {settings.landing_zone}, new ones each {every:g} s.")
    _land_calendar(settings.landing_zone)
    return SplitSink(kafka or files, sql or files) if kafka or sql else files


def _land_calendar(landing_zone: Path) -> None:
    """Without it no record would have its financial week; and a zone with files gets no other sample data."""
    from fitness_assets.sample.landing_files import write_calendar

    if not any((landing_zone / "date_lookup").glob("*.json")):
        click.echo(f"{write_calendar(landing_zone):,} days of the calendar landed.")


def _pace_text(rate: float | None, speed: float) -> str:
    if rate is not None:
        return f"{rate:,.10g} records a second"
    return "as fast as it happens" if speed == 1 else f"{speed:g} times faster than it happens"
