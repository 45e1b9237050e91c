"""Warming an engine up: sample data through every table in a scratch folder, so that all code is compiled before."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fitness_assets.contracts.registry import all_tables
from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.lakehouse import open_lakehouse
from fitness_assets.live.engine.server import EngineProcess
from fitness_assets.pipeline.scheduler import update_tables
from fitness_assets.sample.faults import Faults
from fitness_assets.sample.history import SampleSize, sample_arrivals
from fitness_assets.sample.landing_files import write_calendar, write_events
from fitness_assets.settings import Settings
from fitness_assets.settings.environment import set_variables

ROUNDS = 6
_SAMPLE_SIZE = SampleSize(
    users=6,
    days=3,
    reading_interval=20,
    faults=Faults(late=0.1, repeated=0.02, corrected=0.3, malformed=0.01),
)


def warm_up(engine: EngineProcess, echo: Callable[[str], None], rounds: int = ROUNDS) -> None:
    """Bring every table up to date with a part of the sample after the other; later rounds correct earlier ones.

    Raises:
        EngineError: the engine does not answer.
    """
    set_variables({"SPARK_REMOTE": engine.address})
    events = sample_arrivals(_SAMPLE_SIZE)
    share = -(-len(events) // rounds)
    with tempfile.TemporaryDirectory(prefix="fitness_warming_") as scratch:
        lake = open_lakehouse(Settings(base_dir=Path(scratch)), get_spark_session)
        write_calendar(lake.settings.landing_zone)
        for number in range(rounds):
            started = time.monotonic()
            write_events(lake.settings.landing_zone, events[number * share : (number + 1) * share], f"{number}")
            for outcome in update_tables(lake, all_tables()):
                if outcome.error is not None:
                    raise outcome.error
            echo(f"  warming {number + 1} of {rounds}: {time.monotonic() - started:.1f} s")
