"""The Dagster instance of the live stack: its folder, what an earlier stack left in it, and the stream run."""

import shutil
import time
from pathlib import Path

from dagster import DagsterInstance, RunsFilter
from dagster_graphql import DagsterGraphQLClient, DagsterGraphQLClientError

import fitness_assets
from fitness_assets.defs.jobs import STREAM
from fitness_assets.defs.runs import UNFINISHED
from fitness_assets.errors import StackError
from fitness_assets.live.ports import LOOPBACK
from fitness_assets.settings import Settings


def dagster_home(settings: Settings) -> Path:
    """The folder of this base's Dagster instance, made where there is none."""
    home = settings.base_dir / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copy(Path(fitness_assets.__file__).parent / "dagster.yaml", home / "dagster.yaml")
    return home


def end_unfinished_runs(home: Path) -> int:
    """Mark the runs of a stack that ended as failed: a sensor would wait for them for ever. How many there were."""
    with DagsterInstance.from_config(str(home)) as instance:
        runs = instance.get_runs(RunsFilter(statuses=UNFINISHED))
        for run in runs:
            instance.report_run_failed(run, "The stack that ran it ended. What was committed stays; nothing is lost.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return len(runs)


def launch_stream(port: int, every: float, patience: float = 60) -> str:
    """Launch the stream run through the web server; its id.

    Raises:
        StackError: Dagster does not take it.
    """
    until = time.monotonic() + patience
    client = DagsterGraphQLClient(LOOPBACK, port_number=port)
    config = {"ops": {"keep_tables_up_to_date": {"config": {"processing_time": every}}}}
    while True:
        try:
            return client.submit_job_execution(STREAM, run_config=config)
        except DagsterGraphQLClientError as error:
            if time.monotonic() > until:
                raise StackError(f"Dagster did not take the stream run: {str(error).splitlines()[0]}") from error
            time.sleep(1)
