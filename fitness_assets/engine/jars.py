"""Jars that no package brings: resolved once with the Ivy that PySpark carries, checked, and kept."""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fitness_assets.engine.java import java_home
from fitness_assets.engine.truststore import truststore_options
from fitness_assets.errors import EngineError
from fitness_assets.private_files import make_public_folder
from fitness_assets.settings.engine import EngineSettings

_LOCKS = Path(__file__).resolve().parent / "locks"
_IVY_MODULE = """<ivy-module version="2.0">
  <info organisation="fitness_assets" module="jars"/>
  <dependencies>{dependencies}</dependencies>
</ivy-module>
"""


def jar_folder() -> Path:
    """Where the jars are kept: `FITNESS_JARS`, or beside the installed packages."""
    return EngineSettings.from_env().jars or Path(sys.prefix) / "share" / "fitness_assets" / "jars"


@dataclass(frozen=True)
class JarSet:
    """Jars that are used together, pinned in a lock file of this name. A jar is `organisation:module:revision`.

    Attributes:
        locks: the folder of the lock file.
    """

    name: str
    locks: Path = _LOCKS

    @cached_property
    def pins(self) -> dict[str, str]:
        """The SHA-256 of each jar."""
        lines = [line.split() for line in (self.locks / f"{self.name}.lock").read_text(encoding="utf-8").splitlines()]
        return {words[0]: words[1] for words in lines if words and not words[0].startswith("#")}

    def class_path(self) -> str:
        """The jars as a class path, each read and found to be the one that was pinned: 20 ms for an engine.

        Raises:
            EngineError: one is not there, or is another than it should be.
        """
        for jar in self.pins:
            if not jar_file(jar).exists():
                raise EngineError(f"The jar {jar} is not in {jar_folder()}. Run `fitness-assets install-jars`.")
            if not self.is_resolved(jar):
                raise EngineError(
                    f"The jar {jar_file(jar)} is not the one that was pinned: somebody changed it, or it is damaged. "
                    f"`fitness-assets install-jars` fetches it anew."
                )
        return os.pathsep.join(str(jar_file(jar)) for jar in self.pins)

    def resolve(self) -> bool:
        """Bring in the jars that are missing; whether there were any.

        Raises:
            EngineError: one cannot be had, or is not the one that was pinned.
        """
        if all(map(self.is_resolved, self.pins)):
            return False
        with _alone(jar_folder()):
            # Another process may have brought them in meanwhile.
            missing = [jar for jar in self.pins if not self.is_resolved(jar)]
            if missing:
                self._fetch(missing)
            return bool(missing)

    def _fetch(self, missing: list[str]) -> None:
        for jar in missing:
            # Ivy leaves a newer file as it is.
            jar_file(jar).unlink(missing_ok=True)
        ivy = _retrieve(self.name, missing)
        unresolved = [jar for jar in missing if not self.is_resolved(jar)]
        if unresolved:
            log = jar_folder() / "ivy.log"
            log.write_text(ivy.stdout + ivy.stderr, encoding="utf-8")
            reason = "is not the one that was pinned" if jar_file(unresolved[0]).exists() else "could not be fetched"
            raise EngineError(
                f"The jar {unresolved[0]} {reason}. Check the network and the Maven settings, then try again; "
                f"what was tried is in {log}."
            )
        for jar in missing:
            jar_file(jar).chmod(0o644)

    def is_resolved(self, jar: str) -> bool:
        """Whether the jar is there and the one that was pinned."""
        file = jar_file(jar)
        return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == self.pins[jar]


SPARK = JarSet("spark")
"""Delta, for every engine."""
KAFKA_BROKER = JarSet("kafka_broker")
"""Apache Kafka itself, for the live stack and the tests."""


def jar_file(jar: str) -> Path:
    _, module, revision = jar.split(":")
    return jar_folder() / f"{module}-{revision}.jar"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder: two Ivys at once take each other's unfinished files away."""
    make_public_folder(folder)
    with (folder / "fetching.lock").open("w") as lock:
        # On a file system without locks it is as it would be without this one.
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _retrieve(name: str, jars: list[str]) -> "subprocess.CompletedProcess[str]":
    folder = jar_folder()
    module = folder / f"{name}.xml"
    module.write_text(_IVY_MODULE.format(dependencies="".join(_dependency(jar) for jar in jars)), encoding="utf-8")
    return subprocess.run(
        [
            str(java_home() / "bin" / "java"),
            *truststore_options(folder),
            "-jar",
            str(_ivy_jar()),
            *("-ivy", str(module), "-confs", "default", "-cache", str(folder / "cache")),
            *("-retrieve", str(folder / "[artifact]-[revision].[ext]")),
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
