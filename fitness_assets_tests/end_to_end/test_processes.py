"""Processes of their own: on a Spark Connect server through Dagster's command line, and killed at any instant."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, assert_equals_reference, in_batches
from fitness_assets_tests.platform import Platform

pytestmark = pytest.mark.programs


def environment(platform: Platform, **more: str) -> dict[str, str]:
    settings = platform.settings
    return os.environ | {"FITNESS_BASE_DIR": str(settings.base_dir), "FITNESS_AS_OF": str(settings.as_of)} | more


def test_dagsters_command_line_on_a_spark_connect_server(platform: Platform, connect_port: int, tmp_path: Path) -> None:
    platform.spark()
    write_calendar(platform.settings.landing_zone)
    dagster = [
        str(Path(sys.executable).with_name("dagster")),
        "asset",
        "materialize",
        "-m",
        "fitness_assets.definitions",
    ]
    remote = environment(platform, SPARK_REMOTE=f"sc://127.0.0.1:{connect_port}", DAGSTER_HOME=str(tmp_path))
    for number, batch in enumerate(in_batches(sample_arrivals(UNTIDY)[::-1], 2)):
        write_events(platform.settings.landing_zone, batch, f"batch_{number}")
        done = subprocess.run([*dagster, "--select", "*"], env=remote, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert_equals_reference(platform)


@pytest.mark.parametrize("awaited", ["bronz_db.registered_users_bz", "silver_db.workouts"])
def test_killed_and_started_again(awaited: str, platform: Platform) -> None:
    write_calendar(platform.settings.landing_zone)
    first, second = in_batches(sample_arrivals(UNTIDY), 2)
    write_events(platform.settings.landing_zone, first, "first")
    command = [sys.executable, "-u", "-m", "fitness_assets.cli.main", "run"]
    with subprocess.Popen(
        command, env=environment(platform), stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        assert run.stdout is not None
        assert any(awaited in line for line in run.stdout)
        os.killpg(run.pid, signal.SIGKILL)
    write_events(platform.settings.landing_zone, second, "second")
    platform.update()
    assert_equals_reference(platform)
