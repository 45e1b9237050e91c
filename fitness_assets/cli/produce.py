"""`fitness-assets produce`: people who train now, as Kafka records, SQL rows or files, until stopped."""

import argparse
import os
import time
from datetime import datetime, timezone
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fitness_assets.sample.sinks import Sink


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's options."""
    parser = commands.add_parser("produce", help="play people who train now, until Ctrl-C", description=__doc__)
    parser.add_argument(
        "--to",
        choices=("kafka", "files", "sql"),
        required=True,
        help="kafka: the topics; sql: the tables; the rest goes to the other one where it is set, else to files",
    )
    parser.add_argument("--people", type=_count, default=20, help="people at a time (default 20)")
    parser.add_argument(
        "--minutes", type=_minutes, default=(1, 5), metavar="FROM-TO", help="how long they train (default 1-5)"
    )
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--rate", type=_above_zero, help="records a second in all, whatever their times")
    pace.add_argument(
        "--speed", type=_above_zero, default=1.0, help="1 is real time, 60 a minute in each second (default 1)"
    )
    parser.add_argument("--seconds", type=_above_zero, default=inf, help="stop after that time")
    parser.add_argument("--records", type=_count, default=inf, help="stop after that many records")
    for name, default in (("late", 0.02), ("repeated", 0.01), ("corrected", 0.0), ("malformed", 0.002)):
        parser.add_argument(
            f"--{name}",
            type=_share,
            default=default,
            metavar="SHARE",
            help=f"share of {name} records (default {default:g})",
        )
    parser.add_argument("--seed", type=_seed, default=7, help="another seed gives other people (default 7)")
    parser.add_argument(
        "--start", type=_instant, metavar="TIME", help="when it begins, such as 2026-01-31T12:00:00Z (default: now)"
    )
    parser.add_argument("--file-seconds", type=_above_zero, default=5.0, help="from one file to the next (default 5)")


def produce(parsed: argparse.Namespace) -> int:
    """Play until stopped; all that was sent is delivered.

    Raises:
        SettingError: a destination is not set, or cannot be understood.
        FitnessError: a destination does not answer or does not take what it is sent.
    """
    from fitness_assets.sample.disorder import Disorder
    from fitness_assets.sample.endless import Crowd, arrivals_without_end
    from fitness_assets.sample.player import Pace, Stop, play

    with Stop() as stop:
        sink = _sink(parsed.to, parsed.file_seconds)
        start = parsed.start if parsed.start is not None else int(time.time())
        disorder = Disorder(parsed.late, parsed.repeated, parsed.corrected, parsed.malformed)
        crowd = Crowd(start, parsed.people, parsed.minutes, parsed.seed, disorder)
        pace = Pace(parsed.rate, parsed.speed, parsed.seconds, parsed.records)
        _say(f"{parsed.people:,} people, seed {parsed.seed}, {_in_words(pace.rate, pace.speed)}. Ctrl-C to stop.")
        played = play(arrivals_without_end(crowd), start, sink, pace, stop, _say)
    _say(f"Stopped. {played}.")
    return 0


def _sink(to: str, every: float) -> "Sink":
    """Topics and tables each to where they go, said in a line each."""
    from fitness_assets.kafka.settings import KafkaSettings
    from fitness_assets.sample.sinks import FilesSink, Split
    from fitness_assets.settings import Settings

    settings = Settings.from_env()
    broker = KafkaSettings.from_env(settings.environment)
    url = os.environ.get("FITNESS_SQL_URL", "")
    kafka: Sink | None = None
    sql: Sink | None = None
    if to == "kafka" or (to == "sql" and broker):
        from fitness_assets.sample.kafka_sink import KafkaSink

        kafka = KafkaSink(broker.for_librdkafka if broker else {})
        _say(f"The topics user_info, workout and bpm go to Kafka at {kafka.where}.")
    if to == "sql" or (to == "kafka" and url):
        from fitness_assets.sample.sql_sink import SqlSink

        sql = SqlSink(url)
        _say(f"Registrations and gym logins go to the tables registered_users and gym_logins of {sql.where}.")
    if kafka and sql:
        return Split(kafka, sql)
    files = FilesSink(settings.landing_zone, every)
    rest = "Registrations and gym logins go" if kafka else "The topics go" if sql else "All goes"
    _say(f"{rest} to files in {settings.landing_zone}, new ones each {every:g} s.")
    _land_calendar(settings.landing_zone)
    return Split(kafka or files, sql or files) if kafka or sql else files


def _land_calendar(landing_zone: Path) -> None:
    """Without it no record would have its financial week; and a zone with files gets no other sample data."""
    from fitness_assets.sample.landing import write_calendar

    if not any((landing_zone / "date_lookup").glob("*.json")):
        _say(f"{write_calendar(landing_zone):,} days of the calendar landed.")


def _in_words(rate: float | None, speed: float) -> str:
    if rate is not None:
        return f"{rate:,.10g} records a second"
    return "as fast as it happens" if speed == 1 else f"{speed:g} times faster than it happens"


def _above_zero(text: str) -> float:
    number = float(text)
    if not 0 < number < inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return number


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share between 0 and 1")
    return share


def _seed(text: str) -> int:
    return _count(text) if text != "0" else 0


def _minutes(text: str) -> tuple[float, float]:
    shortest, _, longest = text.partition("-")
    minutes = _above_zero(shortest), _above_zero(longest or shortest)
    if minutes[0] > minutes[1]:
        raise argparse.ArgumentTypeError(f"{text} begins with the longer time")
    return minutes


def _instant(text: str) -> int:
    instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int((instant if instant.tzinfo else instant.replace(tzinfo=timezone.utc)).timestamp())


def _say(line: str) -> None:
    print(line, flush=True)
