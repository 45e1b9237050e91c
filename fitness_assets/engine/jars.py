"""The jars beside Spark's own: resolved once with the Ivy that PySpark carries, checked, and kept."""

import hashlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from fitness_assets.engine.java import java_home
from fitness_assets.engine.trust import java_options
from fitness_assets.errors import EngineError

_HERE = Path(__file__).resolve().parent
_LOCK = _HERE / "jars.lock"
_IVY = """<ivy-module version="2.0">
  <info organisation="fitness_assets" module="jars"/>
  <dependencies>{dependencies}</dependencies>
</ivy-module>
"""


def folder() -> Path:
    """Where the jars are kept: `FITNESS_JARS`, or beside the installed packages."""
    named = os.environ.get("FITNESS_JARS")
    return Path(named) if named else Path(sys.prefix) / "share" / "fitness_assets" / "jars"


@cache
def locked() -> dict[str, str]:
    """The pinned jars, `organisation:module:revision`, and the SHA-256 of each."""
    lines = [line.split() for line in _LOCK.read_text(encoding="utf-8").splitlines()]
    return {words[0]: words[1] for words in lines if words and not words[0].startswith("#")}


def class_path() -> str:
    """The class path for the driver.

    Raises:
        EngineError: the jars were not resolved yet.
    """
    missing = [name for name in locked() if not _file(name).exists()]
    if missing:
        raise EngineError(f"The jar {missing[0]} is not in {folder()}. Run `make install` (fitness-assets install).")
    return os.pathsep.join(str(_file(name)) for name in locked())


def resolve() -> bool:
    """Bring in the jars that are missing; whether there were any.

    Raises:
        EngineError: one cannot be had, or is not the one that was pinned.
    """
    missing = [name for name in locked() if not _right(name)]
    if not missing:
        return False
    folder().mkdir(parents=True, exist_ok=True)
    ivy = folder() / "ivy.xml"
    ivy.write_text(_IVY.format(dependencies="".join(_dependency(name) for name in missing)), encoding="utf-8")
    done = subprocess.run(
        [
            str(java_home() / "bin" / "java"),
            *java_options(folder()),
            "-jar",
            str(_ivy_jar()),
            *("-ivy", str(ivy), "-confs", "default", "-cache", str(folder() / "cache")),
            *("-retrieve", str(folder() / "[artifact]-[revision].[ext]")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = [name for name in missing if not _right(name)]
    if wrong:
        (folder() / "ivy.log").write_text(done.stdout + done.stderr, encoding="utf-8")
        there = _file(wrong[0]).exists()
        why = "is not the one that was pinned" if there else "could not be fetched"
        raise EngineError(
            f"The jar {wrong[0]} {why}. Check the network and the Maven settings, then run `make install` again; "
            f"what was tried is in {folder() / 'ivy.log'}."
        )
    return True


def _file(name: str) -> Path:
    _, module, revision = name.split(":")
    return folder() / f"{module}-{revision}.jar"


def _right(name: str) -> bool:
    file = _file(name)
    return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == locked()[name]


def _dependency(name: str) -> str:
    organisation, module, revision = name.split(":")
    return f'<dependency org="{organisation}" name="{module}" rev="{revision}" transitive="false" conf="*->default"/>'


def _ivy_jar() -> Path:
    import pyspark

    return next((Path(pyspark.__file__).parent / "jars").glob("ivy-*.jar"))
