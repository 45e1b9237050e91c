"""`fitness-assets engine`: one warm Spark engine that all runs share."""

import argparse
import time


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's options."""
    parser = commands.add_parser("engine", help="a warm Spark engine that runs share", description=__doc__)
    parser.add_argument("what", choices=("start", "status", "stop", "address"))
    parser.add_argument("--memory", default="3g", help="memory of a new engine (default 3g)")
    parser.add_argument(
        "--warm", action="store_true", help="run sample data through it, so that the first run is quick"
    )


def engine(parsed: argparse.Namespace) -> int:
    """Start, look at, or stop the engine of `FITNESS_BASE_DIR`.

    Raises:
        StackError: it does not start, or there is none.
    """
    from fitness_assets.live.engine import EngineServer, engine_of
    from fitness_assets.live.ports import answers
    from fitness_assets.settings import Settings

    settings = Settings.from_env()
    server = EngineServer(settings)
    if parsed.what == "start":
        began = time.monotonic()
        before = server.found()
        there = before is not None and before.running
        found = server.start(parsed.memory)
        said = "already runs" if there else f"started in {time.monotonic() - began:.1f} s"
        _say(f"The engine {said} on port {found.port}, process {found.pid}; its log is {server.log}.")
        _say("Runs share it with:\n  export SPARK_REMOTE=$(fitness-assets engine address)")
        if parsed.warm:
            from fitness_assets.live.warming import warm

            warm(found, _say)
    elif parsed.what == "stop":
        _say("The engine is stopped." if server.stop() else "No engine was running.")
    elif parsed.what == "address":
        _say(engine_of(settings).address)
    else:
        found = engine_of(settings)
        state = "accepts connections" if answers(found.port) else "does not accept connections yet"
        _say(f"The engine runs as process {found.pid} and {state} on port {found.port}.")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)
