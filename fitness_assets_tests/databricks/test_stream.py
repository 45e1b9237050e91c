"""Stream mode on a workspace: where it runs, and how long."""

from itertools import islice
from typing import Any

import pytest
from dagster import OpExecutionContext

from fitness_assets.databricks.runs import entrypoint
from fitness_assets.defs.updaters.databricks import DatabricksUpdater
from fitness_assets.errors import WorkspaceError
from fitness_assets_tests.databricks.remote_platform import RemotePlatform
from fitness_assets_tests.databricks.stub_wheel import execute_step

pytestmark = pytest.mark.programs
VOLUMES = ("--catalog=dev", "--landing=/Volumes/dev/bronz_db/landing_zone", "--checkpoints=/Volumes/dev/bronz_db/c")


def read_intervals(count: int) -> list[tuple[int, float]]:
    """The number and the seconds of so many intervals of a stream, which is then ended."""
    intervals: list[tuple[int, float]] = []

    def stream(context: OpExecutionContext) -> None:
        stream = DatabricksUpdater(context).stream(5.0, lambda seconds: False)
        intervals.extend((interval.number, interval.seconds) for interval in islice(stream, count))
        stream.close()  # type: ignore[attr-defined]

    execute_step(stream)
    return intervals


def submitted_tasks(remote: RemotePlatform) -> list[Any]:
    return [run.body["tasks"][0] for run in remote.workspace.runs.values()]


def test_on_serverless_compute_runs_that_end_follow_each_other(remote: RemotePlatform) -> None:
    assert read_intervals(2) == [(1, 0.5), (1, 0.5)]
    tasks = submitted_tasks(remote)
    assert len(tasks) == 2
    assert all("--seconds=3600" in task["python_wheel_task"]["parameters"] for task in tasks)


def test_on_a_cluster_of_its_own_one_run_has_no_end_and_its_workers_stay(remote: RemotePlatform) -> None:
    remote.choose_compute("job")
    assert read_intervals(2) == [(1, 0.5)], "The run of the stub ends at once."
    [task] = submitted_tasks(remote)
    assert not [option for option in task["python_wheel_task"]["parameters"] if option.startswith("--seconds")]
    assert task["new_cluster"]["num_workers"] == 2 and "autoscale" not in task["new_cluster"]


def test_a_cluster_that_people_share_is_refused_before_anything_is_submitted(remote: RemotePlatform) -> None:
    remote.choose_compute("existing")
    with pytest.raises(WorkspaceError, match="A stream does not run on an all-purpose cluster"):
        read_intervals(1)
    assert not remote.workspace.runs


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--compute=serverless"], "this one has no end: give it --seconds"),
        (["--compute=serverless", "--seconds=0"], "this one has no end: give it --seconds"),
        (["--compute=existing", "--seconds=60"], "A stream does not run on an all-purpose cluster"),
    ],
)
def test_a_job_that_streams_where_it_must_not_fails_and_says_what_to_do(options: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        entrypoint.main(["--mode=stream", *options, *VOLUMES])


def test_serverless_compute_is_known_without_being_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IS_SERVERLESS", "TRUE")
    with pytest.raises(SystemExit, match="this one has no end"):
        entrypoint.main(["--mode=stream", *VOLUMES])
