"""The Dagster instance of the live stack: its folder, what an earlier stack left in it, and the stream run."""

import shutil
import time
from pathlib import Path

from dagster import DagsterInstance, RunsFilter
from dagster_graphql import DagsterGraphQLClient, DagsterGraphQLClientError

import fitness_assets
from fitness_assets.defs.automation.unfinished_runs import UNFINISHED
from fitness_assets.defs.jobs.stream_all_tables import stream_all_tables, stream_run_config
from fitness_assets.errors import StackError
from fitness_assets.live.processes.ports import LOOPBACK
from fitness_assets.private_files import close_to_others
from fitness_assets.settings import Settings


def dagster_home(settings: Settings) -> Path:
    """The folder of this base's Dagster instance, made where there is none."""
    return prepare_home(settings.base_dir / "dagster")


def prepare_home(home: Path) -> Path:
    """The folder of a Dagster instance, made with our configuration where there is none."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    close_to_others(home)
    if not (home / "dagster.yaml").exists():
        shutil.copy(Path(fitness_assets.__file__).parent / "dagster.yaml", home / "dagster.yaml")
    return home


def cancel_unfinished_runs(home: Path) -> int:
    """Mark the runs of a stack that ended as cancelled, which is no failure: a sensor would wait for them for ever. How
    many there were."""
    with DagsterInstance.from_config(str(home)) as instance:
        runs = instance.get_runs(RunsFilter(statuses=UNFINISHED))
        for run in runs:
            instance.report_run_canceled(run, "The stack that ran it ended. What was committed stays; nothing is lost.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return len(runs)


def launch_stream_run(port: int, interval_seconds: float, timeout_seconds: float = 60) -> str:
    """Launch the stream run through the web server; its id.

    Args:
        interval_seconds: from one interval of the stream to the next.

    Raises:
        StackError: Dagster does not take it.
    """
    deadline = time.monotonic() + timeout_seconds
    client = DagsterGraphQLClient(LOOPBACK, port_number=port)
    while True:
        try:
            return client.submit_job_execution(stream_all_tables.name, run_config=stream_run_config(interval_seconds))
        except DagsterGraphQLClientError as error:
            if time.monotonic() > deadline:
                raise StackError(f"Dagster did not take the stream run: {str(error).splitlines()[0]}") from error
            time.sleep(1)
