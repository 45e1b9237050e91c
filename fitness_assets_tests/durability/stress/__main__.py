"""Many sequences with seeds of their own.

    .venv/bin/python -m fitness_assets_tests.durability.stress --sequences 50

Each has a seed, which is printed. One that fails is done again with fewer and fewer steps, until none can be left out;
the command that does these again is printed. With `--engine` Spark is a server, which is killed now and then, too.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Steps
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer

from fitness_assets.engine.spark_session import get_spark_session
from fitness_assets.errors import FitnessError
from fitness_assets.live.engine.server import EngineServer
from fitness_assets.settings import Settings
from fitness_assets_tests.durability.stress.sequence import Sequence, Step, steps_of
from fitness_assets_tests.platform import Platform

MODULE = ".venv/bin/python -m fitness_assets_tests.durability.stress"
KILL_THE_ENGINE = "kill_the_engine"
Actions = dict[str, Callable[[Platform, random.Random], str]]


def fails(seed: int, steps: list[Step], more: Actions, tell: Callable[[str], None]) -> Exception | None:
    """Why a sequence fails, None where it does not."""
    base = Path(tempfile.mkdtemp(prefix="fitness_stress_"))
    try:
        Sequence(base, get_spark_session, seed, tell, more).run(steps)
    except Exception as error:
        return error
    finally:
        shutil.rmtree(base)
    return None


def shortest(steps: list[Step], is_failing: Callable[[list[Step]], bool]) -> list[Step]:
    """The steps of a failing sequence of which none can be left out."""
    size = len(steps) // 2
    while size:
        start = 0
        while start < len(steps):
            fewer = steps[:start] + steps[start + size :]
            if is_failing(fewer):
                steps = fewer
            else:
                start += size
        size //= 2
    return steps


@contextmanager
def engine(is_wanted: bool) -> Iterator[Actions]:
    """Spark as a server of this program, and the action that kills it in the middle of an update."""
    if not is_wanted:
        yield {}
        return
    folder = Path(tempfile.mkdtemp(prefix="fitness_stress_engine_"))
    server = EngineServer(Settings(base_dir=folder))
    os.environ["SPARK_REMOTE"] = server.start("2g").address

    def kill(platform: Platform, rng: random.Random) -> str:
        running, seconds = server.last_started(), rng.uniform(0.1, 4)
        assert running is not None
        timer = Timer(seconds, lambda: os.kill(running.pid, 9))
        timer.start()
        try:
            platform.update()
        except FitnessError as error:
            print(f"  {type(error).__name__}: {str(error).splitlines()[0]}", flush=True)
        timer.join()
        with suppress(ChildProcessError):
            os.waitpid(running.pid, 0)  # until it is dead: a server that still listens is not started anew
        os.environ["SPARK_REMOTE"] = server.start("2g").address
        return f"kill the engine after {seconds:.1f} s"

    try:
        yield {KILL_THE_ENGINE: kill}
    finally:
        server.stop()
        shutil.rmtree(folder)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sequences", type=int, default=20)
    parser.add_argument("--length", type=int, default=10)
    parser.add_argument("--seed", type=int, help="that of one sequence, which is done again")
    parser.add_argument("--steps", type=int, nargs="*", help="only these steps of it")
    parser.add_argument("--engine", action="store_true", help="Spark is a server, which is killed now and then")
    chosen = parser.parse_args()
    first = int(time.time()) if chosen.seed is None else chosen.seed
    with engine(chosen.engine) as more:
        for seed in range(first, first + (1 if chosen.seed is not None else chosen.sequences)):
            print(f"--seed {seed}", flush=True)
            steps = steps_of(seed, chosen.length, tuple(more) * 3)
            if chosen.steps is not None:
                steps = [step for step in steps if step.number in chosen.steps]
            if error := fails(seed, steps, more, lambda line: print(f"  {line}", flush=True)):
                traceback.print_exception(error)
                print("Looking for the fewest steps that fail likewise.", flush=True)
                found = shortest(steps, _fails_likewise(seed, more, type(error)))
                sys.exit(_replay(chosen.engine, chosen.length, seed, found))
    print(f"{chosen.sequences if chosen.seed is None else 1} sequences, no difference.")


def _fails_likewise(seed: int, more: Actions, kind: type[Exception]) -> Callable[[list[Step]], bool]:
    return lambda steps: type(fails(seed, steps, more, lambda _: None)) is kind


def _replay(has_engine: bool, length: int, seed: int, steps: Steps[Step]) -> str:
    numbers = " ".join(str(step.number) for step in steps)
    told = "\n".join(f"  {step.number}: {step.action}" for step in steps)
    options = f"{'--engine ' if has_engine else ''}--seed {seed} --length {length} --steps {numbers}"
    return f"The fewest steps:\n{told}\nDo them again: {MODULE} {options}"


if __name__ == "__main__":
    main()
