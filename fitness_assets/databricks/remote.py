"""What runs on the workspace: the entry point `fitness-assets-remote` of our wheel.

It does the very same updates as everywhere, on the session that is there, and tells what it did: by Dagster Pipes to
whoever submitted it, and by one printed line for each table to whoever reads its output.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import dagster_pipes
from dagster_pipes import (
    PipesCliArgsParamsLoader,
    PipesEnvVarParamsLoader,
    PipesParamsLoader,
    PipesUnityCatalogVolumesContextLoader,
)
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.databricks.integration_test import integration_test
from fitness_assets.databricks.messages import Message, interval_message, maintained_message, outcome_message
from fitness_assets.databricks.volume_writer import VolumeWriter
from fitness_assets.errors import FitnessError, SettingError
from fitness_assets.kafka.settings import KafkaSettings
from fitness_assets.lakehouse.opening import open_lakehouse
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.maintenance import RETENTION_HOURS, maintain_tables
from fitness_assets.pipeline.scheduler import TableOutcome, outcome_problem, update_tables
from fitness_assets.pipeline.stream import stream_updates
from fitness_assets.runtime import on_databricks
from fitness_assets.settings import Settings

MODES = ("once", "stream", "maintain", "test")


class Teller:
    """Tells what is done, by Pipes where somebody listens, and in print."""

    def __init__(self, pipes: dagster_pipes.PipesContext | None) -> None:
        self._pipes = pipes
        self.troubles: list[str] = []

    def tell(self, message: Message, line: str) -> None:
        print(line, flush=True)
        if self._pipes is not None:
            self._pipes.report_custom_message(message)

    def outcome(self, outcome: TableOutcome) -> None:
        found = outcome_problem(outcome)
        self.troubles += [found] if found else []
        self.tell(outcome_message(outcome), found or (outcome.result.line() if outcome.result else ""))


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the parameters say; anything but success ends the process with another code than 0."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parsed, _ = _parser().parse_known_args(given)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("py4j").setLevel(logging.WARNING)
    with _pipes(given) as pipes:
        teller = Teller(pipes)
        try:
            _run(parsed, teller)
        except FitnessError as error:
            teller.troubles.append(str(error))
    if teller.troubles:
        sys.exit("\n".join(teller.troubles))


def _run(parsed: argparse.Namespace, teller: Teller) -> None:
    _take_secrets(parsed.secrets)
    spark = _spark()
    lake = open_lakehouse(_settings(parsed), lambda: spark)
    chosen = [get_table(name).full_name for name in parsed.tables.split(",") if name] or list(all_tables())
    if parsed.mode == "maintain":
        for done in maintain_tables(lake, chosen, lambda: spark, parsed.retention_hours):
            teller.tell(maintained_message(done), done.line())
            teller.troubles += [done.line()] if done.trouble else []
    elif parsed.mode == "stream":
        _stream(lake, chosen, spark, parsed, teller)
    elif parsed.mode == "test":
        for name, wrong in integration_test(lake, spark, parsed.sample, teller.outcome):
            print(
                f"{'FAIL' if wrong else 'PASS'} {name:<32} {wrong or f'{lake.log(get_table(name)).row_count():,} rows'}"
            )
            teller.troubles += [f"{name}: {wrong}"] if wrong else []
    else:
        for outcome in update_tables(lake, chosen, lambda: spark, parsed.full_refresh):
            teller.outcome(outcome)


def _stream(
    lake: Lakehouse, chosen: list[str], spark: SparkSession, parsed: argparse.Namespace, teller: Teller
) -> None:
    """Until the run is cancelled, or for `--seconds`."""
    until = time.monotonic() + parsed.seconds if parsed.seconds else float("inf")

    def stopping(pause: float) -> bool:
        time.sleep(min(pause, max(until - time.monotonic(), 0)))
        return time.monotonic() >= until

    for interval in stream_updates(lake, chosen, lambda: spark, parsed.processing_time, stopping):
        teller.troubles = [found for one in interval.outcomes for found in [outcome_problem(one)] if found]
        if interval.outcomes:
            done = "\n".join(one.result.line() for one in interval.outcomes if one.result)
            teller.tell(interval_message(interval), "\n".join([f"Interval {interval.number}:", done, *teller.troubles]))


def _settings(parsed: argparse.Namespace) -> Settings:
    return Settings(
        base_dir=Path(parsed.checkpoints).parent,
        environment=parsed.env,
        as_of_override=date.fromisoformat(parsed.as_of) if parsed.as_of else None,
        kafka=KafkaSettings.from_env(parsed.env),
        catalog=parsed.catalog,
        landing=Path(parsed.landing),
        checkpoints=Path(parsed.checkpoints),
        tables_location=parsed.tables_location or None,
    )


def _spark() -> SparkSession:
    """The session that Databricks has made, or one on `FITNESS_MASTER`."""
    if not on_databricks():
        from fitness_assets.engine.session import session

        return session(os.environ.get("FITNESS_MASTER", "local[*]"))
    spark = SparkSession.builder.getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    return spark


def _take_secrets(scope: str) -> None:
    """Make the secrets of a scope settings of this process: the key is the name of one.

    Raises:
        SettingError: the scope cannot be read.
    """
    if not scope:
        return
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.errors.base import DatabricksError

    try:
        utils: Any = WorkspaceClient().dbutils
        for secret in utils.secrets.list(scope):
            os.environ[secret.key] = utils.secrets.get(scope, secret.key)
    except (DatabricksError, ValueError) as error:
        raise SettingError(
            f"The secret scope {scope} cannot be read ({str(error).splitlines()[0]}). Make it (fitness-assets "
            f"governance apply) and let the service principal read it."
        ) from error


@contextmanager
def _pipes(arguments: Sequence[str]) -> Iterator[dagster_pipes.PipesContext | None]:
    """What is told goes to Dagster, if it started us; a job of the bundle runs without it."""
    by_command = any(argument.startswith("--dagster-pipes-context") for argument in arguments)
    kind: type[PipesParamsLoader] = PipesCliArgsParamsLoader if by_command else PipesEnvVarParamsLoader
    loader = kind()
    if not loader.is_dagster_pipes_process():
        yield None
        return
    opened: AbstractContextManager[dagster_pipes.PipesContext] = dagster_pipes.open_dagster_pipes(
        context_loader=PipesUnityCatalogVolumesContextLoader(), message_writer=VolumeWriter(), params_loader=loader
    )
    with opened as pipes:
        yield pipes


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fitness-assets-remote", description=__doc__, allow_abbrev=False)
    parser.add_argument("--mode", choices=MODES, default="once")
    parser.add_argument("--tables", default="", help="full names, with commas between; default: all")
    parser.add_argument("--full-refresh", nargs="?", const=True, default=False, type=_flag)
    parser.add_argument("--processing-time", type=float, default=30.0, help="seconds of an interval (stream)")
    parser.add_argument("--seconds", type=float, default=0.0, help="end after so long (stream); default: never")
    parser.add_argument("--retention-hours", type=int, default=RETENTION_HOURS, help="(maintain)")
    parser.add_argument("--sample", nargs="?", const=True, default=False, type=_flag, help="land sample data (test)")
    parser.add_argument("--env", default="dev")
    parser.add_argument("--catalog", required=True)
    parser.add_argument("--landing", required=True, help="the volume of the landing zone")
    parser.add_argument("--checkpoints", required=True, help="the volume of the checkpoint zone")
    parser.add_argument("--tables-location", default="", help="where external tables lie; default: managed ones")
    parser.add_argument("--as-of", default="", help="the day ages are counted on; default: today in UTC")
    parser.add_argument("--secrets", default="", help="a secret scope whose keys are settings")
    return parser


def _flag(text: str) -> bool:
    return text.strip().lower() in ("", "1", "true", "yes")


if __name__ == "__main__":
    main()
