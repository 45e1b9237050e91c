"""`fitness-assets engine`: one warm Spark engine that all runs share."""

import time

import click


@click.group()
def engine() -> None:
    """A warm Spark engine that runs share.

    There is one for each FITNESS_BASE_DIR.
    """


@engine.command()
@click.option("--memory", default="", help="Memory of a new engine; it follows the machine if not given.")
@click.option("--warm", is_flag=True, help="Run sample data through it, so that the first run is quick.")
def start(memory: str, warm: bool) -> None:
    """Start it, unless it runs already."""
    from fitness_assets.live.engine.server import EngineServer
    from fitness_assets.settings import Settings

    server = EngineServer(Settings.from_env())
    began = time.monotonic()
    before = server.last_started()
    was_running = before is not None and before.is_running
    running = server.start(memory)
    state = "already runs" if was_running else f"started in {time.monotonic() - began:.1f} s"
    click.echo(f"The engine {state} on port {running.port}, process {running.pid}; its log is {server.log}.")
    click.echo("Runs share it with:\n  export SPARK_REMOTE=$(fitness-assets engine address)")
    if warm:
        from fitness_assets.live.engine import warmup

        warmup.warm_up(running, click.echo)


@engine.command()
def status() -> None:
    """Say whether it accepts connections."""
    from fitness_assets.live.engine.server import running_engine
    from fitness_assets.live.processes.ports import is_listening
    from fitness_assets.settings import Settings

    running = running_engine(Settings.from_env())
    state = "accepts connections" if is_listening(running.port) else "does not accept connections yet"
    click.echo(f"The engine runs as process {running.pid} and {state} on port {running.port}.")


@engine.command()
def stop() -> None:
    """Stop it."""
    from fitness_assets.live.engine.server import EngineServer
    from fitness_assets.settings import Settings

    stopped = EngineServer(Settings.from_env()).stop()
    click.echo("The engine is stopped." if stopped else "No engine was running.")


@engine.command()
def address() -> None:
    """Print its address, for SPARK_REMOTE."""
    from fitness_assets.live.engine.server import running_engine
    from fitness_assets.settings import Settings

    click.echo(running_engine(Settings.from_env()).address)


@engine.command()
def prepare() -> None:
    """Make a cache of Java's with which engines start quicker.

    It takes a minute or two, once for each Java and each set of jars.
    """
    from fitness_assets.engine import startup_cache

    if not startup_cache.is_supported():
        click.echo(
            f"A cache needs Java {startup_cache.OLDEST_VERSION}; unset JAVA_HOME to use the one that is installed."
        )
        return
    if startup_cache.startup_cache().exists():
        click.echo("Java's cache is there.")
        return
    from fitness_assets.live.engine.startup_training import make_cache_from_sample

    click.echo("Preparing Java for quick starts (a minute or two, once) ...")
    began = time.monotonic()
    make_cache_from_sample()
    click.echo(f"Java's cache is made, {time.monotonic() - began:.0f} s.")
