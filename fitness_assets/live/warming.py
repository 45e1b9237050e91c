"""Warming an engine: sample data through every table in a scratch folder, so that all code is compiled beforehand."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fitness_assets.contracts.registry import all_tables
from fitness_assets.engine.session import session
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.live.engine import Engine
from fitness_assets.pipeline.scheduler import update_tables
from fitness_assets.sample.disorder import Disorder
from fitness_assets.sample.landing import SampleSize, arrivals, write_calendar, write_part
from fitness_assets.settings import Settings

ROUNDS = 6
_PEOPLE = SampleSize(users=6, days=3, every=20, disorder=Disorder(0.1, 0.02, 0.3, 0.01))


def warm(engine: Engine, say: Callable[[str], None], rounds: int = ROUNDS) -> None:
    """Bring every table up to date with a part of the sample after the other; later rounds correct earlier ones.

    Raises:
        EngineError: the engine does not answer.
    """
    os.environ["SPARK_REMOTE"] = engine.address
    events = arrivals(_PEOPLE)
    share = -(-len(events) // rounds)
    with tempfile.TemporaryDirectory(prefix="fitness_warming_") as scratch:
        lake = Lakehouse(Settings(Path(scratch)))
        write_calendar(lake.settings.landing_zone)
        for number in range(rounds):
            began = time.monotonic()
            write_part(lake.settings.landing_zone, events[number * share : (number + 1) * share], f"{number}")
            for outcome in update_tables(lake, all_tables(), session):
                if outcome.error is not None:
                    raise outcome.error
            say(f"  warming {number + 1} of {rounds}: {time.monotonic() - began:.1f} s")
