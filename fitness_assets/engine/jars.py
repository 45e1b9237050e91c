"""Jars that no package brings: resolved once with the Ivy that PySpark carries, checked, and kept."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fitness_assets.engine.java import java_home
from fitness_assets.engine.trust import java_options
from fitness_assets.errors import EngineError

_LOCKS = Path(__file__).resolve().parent / "locks"
_IVY = """<ivy-module version="2.0">
  <info organisation="fitness_assets" module="jars"/>
  <dependencies>{dependencies}</dependencies>
</ivy-module>
"""


def folder() -> Path:
    """Where the jars are kept: `FITNESS_JARS`, or beside the installed packages."""
    named = os.environ.get("FITNESS_JARS")
    return Path(named) if named else Path(sys.prefix) / "share" / "fitness_assets" / "jars"


@dataclass(frozen=True)
class JarSet:
    """Jars that are used together, pinned in a lock file of this name."""

    name: str

    @cached_property
    def locked(self) -> dict[str, str]:
        """The pinned jars, `organisation:module:revision`, and the SHA-256 of each."""
        lines = [line.split() for line in (_LOCKS / f"{self.name}.lock").read_text(encoding="utf-8").splitlines()]
        return {words[0]: words[1] for words in lines if words and not words[0].startswith("#")}

    def class_path(self) -> str:
        """The jars as a class path.

        Raises:
            EngineError: they were not resolved yet.
        """
        missing = [jar for jar in self.locked if not file_of(jar).exists()]
        if missing:
            raise EngineError(f"The jar {missing[0]} is not in {folder()}. Run `fitness-assets install-jars`.")
        return os.pathsep.join(str(file_of(jar)) for jar in self.locked)

    def resolve(self) -> bool:
        """Bring in the jars that are missing; whether there were any.

        Raises:
            EngineError: one cannot be had, or is not the one that was pinned.
        """
        missing = [jar for jar in self.locked if not self.right(jar)]
        if not missing:
            return False
        done = _retrieve(self.name, missing)
        wrong = [jar for jar in missing if not self.right(jar)]
        if wrong:
            (folder() / "ivy.log").write_text(done.stdout + done.stderr, encoding="utf-8")
            why = "is not the one that was pinned" if file_of(wrong[0]).exists() else "could not be fetched"
            raise EngineError(
                f"The jar {wrong[0]} {why}. Check the network and the Maven settings, then try again; "
                f"what was tried is in {folder() / 'ivy.log'}."
            )
        return True

    def right(self, jar: str) -> bool:
        """Whether the jar is there and the one that was pinned."""
        file = file_of(jar)
        return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == self.locked[jar]


SPARK = JarSet("spark")
"""Delta and Spark's Kafka source, for every engine."""
KAFKA_BROKER = JarSet("kafka_broker")
"""Apache Kafka itself, for the live stack and the tests."""


def file_of(jar: str) -> Path:
    _, module, revision = jar.split(":")
    return folder() / f"{module}-{revision}.jar"


def _retrieve(name: str, jars: list[str]) -> "subprocess.CompletedProcess[str]":
    folder().mkdir(parents=True, exist_ok=True)
    ivy = folder() / f"{name}.xml"
    ivy.write_text(_IVY.format(dependencies="".join(_dependency(jar) for jar in jars)), encoding="utf-8")
    return subprocess.run(
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


def _dependency(jar: str) -> str:
    organisation, module, revision = jar.split(":")
    return f'<dependency org="{organisation}" name="{module}" rev="{revision}" transitive="false" conf="*->default"/>'


def _ivy_jar() -> Path:
    import pyspark

    return next((Path(pyspark.__file__).parent / "jars").glob("ivy-*.jar"))
