"""A cache of Java's classes and of what it learned of them, made once: an engine starts and warms up quicker with it.

Java 25 keeps such a cache (JEP 483, 514, 515). It is good for one Java and one set of jars, and passed over with any
other.
"""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from fitness_assets.engine.jars import SPARK
from fitness_assets.engine.java import build_of, find_java, major_version
from fitness_assets.errors import EngineError
from fitness_assets.private_files import make_public_folder

OLDEST_VERSION = 25
_SECONDS = 600


def is_supported() -> bool:
    """Whether the Java in use can keep a cache."""
    return major_version(find_java()) >= OLDEST_VERSION


def startup_cache() -> Path:
    """Where the cache of this Java and these jars is, whether it is there or not."""
    identity = "\n".join([build_of(find_java()), *(f"{jar} {digest}" for jar, digest in sorted(SPARK.pins.items()))])
    name = hashlib.sha256(identity.encode()).hexdigest()[:12]
    return Path(sys.prefix) / "share" / "fitness_assets" / "java" / f"{name}.aot"


def startup_options() -> list[str]:
    """Options with which an engine uses the cache, where it is there."""
    cache = startup_cache()
    if not is_supported() or not cache.exists():
        return []
    # What does not fit is passed over without a word.
    return [f"-XX:AOTCache={cache}", "-XX:AOTMode=auto", "-Xlog:aot*=off", "-Xlog:cds*=off"]


def make_startup_cache(program: Sequence[str], variables: Mapping[str, str]) -> None:
    """Make the cache from what a program that starts an engine uses.

    Args:
        program: started with these environment variables alone, and `FITNESS_JVM_OPTIONS`.

    Raises:
        EngineError: the program failed, or the cache cannot be written.
    """
    cache = startup_cache()
    unfinished = cache.with_name(f"_{cache.stem}.{os.getpid()}.tmp")
    options = f"-XX:AOTCacheOutput={unfinished} -Xlog:aot*=off -Xlog:cds*=off"
    try:
        make_public_folder(cache.parent)
        process = subprocess.Popen(
            program,
            env={**variables, "FITNESS_JVM_OPTIONS": options},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        # Java lives on to write the cache, and holds the output until then.
        output, _ = process.communicate(timeout=_SECONDS)
        if process.returncode != 0:
            raise EngineError(f"The sample run failed:\n{output[-2000:]}")
        unfinished.chmod(0o644)
        unfinished.replace(cache)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        raise EngineError(f"The cache was not made within {_SECONDS} s. Engines start without it as well.") from error
    except OSError as error:
        raise EngineError(f"The cache was not written to {cache}: {error}") from error
    finally:
        for leftover in (unfinished, unfinished.with_name(f"{unfinished.name}.config")):
            leftover.unlink(missing_ok=True)
