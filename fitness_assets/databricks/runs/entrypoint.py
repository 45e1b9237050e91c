"""What runs on the workspace: the entry point `fitness-assets-remote` of our wheel.

It does the very same updates as everywhere, on the session that is there, and reports what it did: by Dagster Pipes to
whoever submitted it, and by one printed line for each table to whoever reads its output.
"""

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from importlib import metadata
from itertools import chain
from pathlib import Path

import dagster_pipes
from dagster_pipes import (
    PipesCliArgsParamsLoader,
    PipesEnvVarParamsLoader,
    PipesParamsLoader,
    PipesUnityCatalogVolumesContextLoader,
)
from pyspark.sql import SparkSession

from fitness_assets.contracts.registry import all_tables, get_table
from fitness_assets.databricks.probe.probing import (
    compute_kind,
    needed_problems,
    require_probed,
    run_probe,
    runtime_version,
)
from fitness_assets.databricks.probe.report import report_lines
from fitness_assets.databricks.runs.integration_test import run_integration_test
from fitness_assets.databricks.runs.reporting.message_writer import VolumeMessageWriter
from fitness_assets.databricks.runs.reporting.messages import (
    Message,
    erased_message,
    interval_message,
    maintained_message,
    outcome_message,
)
from fitness_assets.databricks.runs.secrets import read_secrets
from fitness_assets.databricks.runs.streaming import require_stream_compute, stop_after
from fitness_assets.errors import FitnessError, RemoteError, WorkspaceError
from fitness_assets.lakehouse import Lakehouse, open_lakehouse
from fitness_assets.pipeline.maintenance import RETENTION_HOURS, maintain_tables
from fitness_assets.pipeline.scheduler import TableOutcome, outcome_problem, update_tables
from fitness_assets.pipeline.strategies.ingestion.rejudging import ask_to_judge_again
from fitness_assets.pipeline.stream import stream_updates
from fitness_assets.privacy import erase_requested, keep_retention
from fitness_assets.settings import ENVIRONMENTS, KafkaSettings, Settings
from fitness_assets.settings.engine import EngineSettings, is_databricks_runtime
from fitness_assets.settings.environment import set_variables

MODES = ("once", "stream", "maintain", "erase", "test", "probe")


class RunReporter:
    """Reports what is done, by Pipes where somebody listens, and in print.

    Attributes:
        problems: why the run is no success, a line each.
    """

    def __init__(self, pipes: dagster_pipes.PipesContext | None) -> None:
        self._pipes = pipes
        self.problems: list[str] = []

    @property
    def is_followed(self) -> bool:
        """Whether Dagster reads what is reported."""
        return self._pipes is not None

    def report(self, message: Message, line: str) -> None:
        print(line, flush=True)
        if self._pipes is not None:
            self._pipes.report_custom_message(message)

    def report_outcome(self, outcome: TableOutcome) -> None:
        problem = outcome_problem(outcome)
        self.problems += [problem] if problem else []
        self.report(outcome_message(outcome), problem or (outcome.result.line() if outcome.result else ""))


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the parameters say; anything but success ends the process with another code than 0."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parsed, _ = _parser().parse_known_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("py4j").setLevel(logging.WARNING)
    problems: list[str] = []
    try:
        with _open_pipes(arguments, parsed.attempt) as pipes:
            reporter = RunReporter(pipes)
            try:
                _require_wheel(parsed.wheel)
                _run(parsed, reporter)
            except FitnessError as error:
                reporter.problems.append(str(error))
            problems = reporter.problems
    except RemoteError as error:
        problems.append(str(error))
    if problems:
        sys.exit("\n".join(problems))


def _require_wheel(expected: str) -> None:
    """Say which wheel this is.

    Raises:
        WorkspaceError: it is another one than the run was submitted with.
    """
    version = metadata.version("fitness_assets")
    print(f"fitness_assets {version}", flush=True)
    if expected and expected != version:
        raise WorkspaceError(
            f"This run was submitted with fitness_assets {expected}, and the compute has {version}: it kept what was "
            f"installed before. Uninstall the wheel on the cluster's page and restart the cluster, or run on another."
        )


def _run(parsed: argparse.Namespace, reporter: RunReporter) -> None:
    if parsed.mode == "stream":
        require_stream_compute(parsed.compute, parsed.seconds)
    spark = _spark_session()
    if parsed.secrets:
        set_variables(read_secrets(spark, parsed.secrets))
    settings = _platform_settings(parsed)
    if parsed.mode == "probe":
        findings = run_probe(spark, settings, parsed.secrets, parsed.probe)
        print("\n".join(report_lines(findings)))
        reporter.problems += needed_problems(findings)
        return
    require_probed(settings, compute_kind(spark), runtime_version())
    lake = open_lakehouse(settings, lambda: spark)
    table_names = [get_table(name).full_name for name in parsed.tables.split(",") if name] or list(all_tables())
    if parsed.mode == "maintain":
        for maintained in chain(keep_retention(lake), maintain_tables(lake, table_names, parsed.retention_hours)):
            reporter.report(maintained_message(maintained), maintained.line())
            reporter.problems += [maintained.line()] if maintained.problem else []
    elif parsed.mode == "erase":
        for erased in erase_requested(lake, print):
            reporter.report(erased_message(erased), erased.line())
            reporter.problems += [erased.line()] if erased.found else []
    elif parsed.mode == "stream":
        _stream(lake, table_names, parsed, reporter)
    elif parsed.mode == "test":
        for name, problem in run_integration_test(lake, parsed.sample, reporter.report_outcome):
            detail = problem or f"{lake.log(get_table(name)).row_count():,} rows"
            print(f"{'FAIL' if problem else 'PASS'} {name:<32} {detail}")
            reporter.problems += [f"{name}: {problem}"] if problem else []
    else:
        if parsed.judge_again:
            ask_to_judge_again(lake, table_names)
        for outcome in update_tables(lake, table_names, parsed.full_refresh):
            reporter.report_outcome(outcome)


def _stream(lake: Lakehouse, table_names: list[str], parsed: argparse.Namespace, reporter: RunReporter) -> None:
    """Until the run is cancelled, or for `--seconds`."""
    should_stop = stop_after(parsed.seconds)
    for interval in stream_updates(lake, table_names, parsed.processing_time, should_stop):
        # A later interval mends what an earlier one could not do: the last one's problems are the run's.
        problems = [outcome_problem(outcome) for outcome in interval.outcomes]
        reporter.problems = [problem for problem in problems if problem]
        if interval.outcomes:
            results = [outcome.result.line() for outcome in interval.outcomes if outcome.result]
            lines = [f"Interval {interval.number}:", "\n".join(results), *reporter.problems]
            reporter.report(interval_message(interval), "\n".join(lines))
    if reporter.is_followed:
        # Whoever follows it knows them, and starts the next run, which tries again.
        reporter.problems.clear()


def _platform_settings(parsed: argparse.Namespace) -> Settings:
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


def _spark_session() -> SparkSession:
    """The session that Databricks has made, or one on `FITNESS_MASTER`."""
    if not is_databricks_runtime():
        from fitness_assets.engine.spark_session import get_spark_session

        return get_spark_session(EngineSettings.from_env().master)
    spark = SparkSession.builder.getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    return spark


@contextmanager
def _open_pipes(arguments: Sequence[str], attempt: str) -> Iterator[dagster_pipes.PipesContext | None]:
    """What is reported goes to Dagster, if it started us; a job of the bundle runs without it."""
    is_by_command_line = any(argument.startswith("--dagster-pipes-context") for argument in arguments)
    loader_type: type[PipesParamsLoader] = PipesCliArgsParamsLoader if is_by_command_line else PipesEnvVarParamsLoader
    params_loader = loader_type()
    if not params_loader.is_dagster_pipes_process():
        yield None
        return
    context: AbstractContextManager[dagster_pipes.PipesContext] = dagster_pipes.open_dagster_pipes(
        context_loader=PipesUnityCatalogVolumesContextLoader(),
        message_writer=VolumeMessageWriter(attempt),
        params_loader=params_loader,
    )
    with context as pipes:
        yield pipes


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fitness-assets-remote", description=__doc__, allow_abbrev=False)
    parser.add_argument("--mode", choices=MODES, default="once")
    parser.add_argument("--tables", default="", help="full names, with commas between; default: all")
    parser.add_argument("--full-refresh", nargs="?", const=True, default=False, type=_boolean)
    parser.add_argument("--judge-again", nargs="?", const=True, default=False, type=_boolean, help="records of bronze")
    parser.add_argument("--processing-time", type=float, default=30.0, help="seconds of an interval (stream)")
    parser.add_argument("--seconds", type=float, default=0.0, help="end after so long (stream); default: never")
    parser.add_argument("--compute", default="", help="serverless, job or existing, which a stream does not run on")
    parser.add_argument("--retention-hours", type=int, default=RETENTION_HOURS, help="(maintain)")
    parser.add_argument("--sample", nargs="?", const=True, default=False, type=_boolean, help="land sample data (test)")
    parser.add_argument("--probe", default="by hand", help="what this run is called in what it finds (probe)")
    parser.add_argument("--wheel", default="", help="the version that this must be; default: any")
    parser.add_argument("--attempt", default="", help="how often the workspace has begun this task, this time included")
    parser.add_argument("--env", choices=ENVIRONMENTS, default="dev")
    parser.add_argument("--catalog", required=True)
    parser.add_argument("--landing", required=True, help="the volume of the landing zone")
    parser.add_argument("--checkpoints", required=True, help="the volume of the checkpoint zone")
    parser.add_argument("--tables-location", default="", help="where external tables lie; default: managed ones")
    parser.add_argument("--as-of", default="", help="the day ages are counted on; default: today in UTC")
    parser.add_argument("--secrets", default="", help="a secret scope whose keys are settings")
    return parser


def _boolean(text: str) -> bool:
    return text.strip().lower() in ("", "1", "true", "yes")


if __name__ == "__main__":
    main()
