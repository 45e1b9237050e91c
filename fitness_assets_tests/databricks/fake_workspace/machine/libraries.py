"""Installs the wheels that a task names: into a folder of their own, or into the lasting one of a cluster."""

import hashlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Any


class InstallError(Exception):
    """A library of the task is missing or broken."""


def libraries_of(body: dict[str, Any], task: dict[str, Any]) -> list[list[str]]:
    """What a task's form of compute installs: paths of wheels and files of requirements, those of one call together.

    A cluster installs its libraries one by one, serverless compute all that its environment names at once. Names of
    packages are left out: nothing is fetched.
    """
    if "environment_key" in task:
        specs = {entry["environment_key"]: entry.get("spec") or {} for entry in body["environments"]}
        named = [path for path in specs[task["environment_key"]].get("dependencies", []) if path.endswith(".whl")]
        return [named] if named else []
    wheels_and_files = [library.get("whl") or library.get("requirements") for library in task.get("libraries", [])]
    return [[path] for path in wheels_and_files if path]


class Libraries:
    """Folders of installed wheels. Content decides: the same bytes are installed once, a changed wheel anew.

    Args:
        runtime: the Python of the machines, whose packages are there and are not touched. What a wheel needs beside
            them has to be installed before it, or with it: no registry is asked. Without one a wheel's needs are not
            looked at, and what the tests run in is what is there.
    """

    def __init__(self, folder: Path, runtime: Path | None = None) -> None:
        self._folder = folder
        self._runtime = runtime
        self._lock = threading.Lock()

    def install(self, libraries: Sequence[Sequence[Path]]) -> Path:
        """The folder with exactly these wheels.

        Args:
            libraries: the wheels, those of one call of pip together.

        Raises:
            InstallError: pip refuses one of them.
        """
        digest = hashlib.sha256()
        for wheel in chain(*libraries):
            digest.update(wheel.name.encode() + hashlib.sha256(wheel.read_bytes()).digest())
        folder = self._folder / digest.hexdigest()[:16]
        with self._lock:
            if not (folder / ".ready").exists():
                shutil.rmtree(folder, ignore_errors=True)
                self._make_environment(folder)
                for wheels in libraries:
                    self._install(wheels, folder)
                (folder / ".ready").touch()
        return self._packages(folder)

    def install_on(self, cluster_id: str, libraries: Sequence[Sequence[Path]]) -> Path:
        """The folder of a cluster that is there, with these wheels too. One whose version it has is kept as it is.

        Raises:
            InstallError: pip refuses one of them.
        """
        folder = self._folder / cluster_id
        with self._lock:
            if not folder.exists():
                self._make_environment(folder)
            for wheels in libraries:
                if absent := [wheel for wheel in wheels if not self._has(folder, wheel)]:
                    self._install(absent, folder)
        return self._packages(folder)

    def _has(self, folder: Path, wheel: Path) -> bool:
        """Whether an environment has the version of a wheel, whatever is in it."""
        package, version = wheel.name.split("-")[:2]
        there = metadata.Distribution.discover(name=package, path=[str(self._packages(folder))])
        return version in [distribution.version for distribution in there]

    def _packages(self, folder: Path) -> Path:
        """Where the packages of an environment lie."""
        return next(folder.glob("lib/python*/site-packages")) if self._runtime else folder

    def _install(self, wheels: Sequence[Path], folder: Path) -> None:
        options = ["install", "--no-index", "--no-compile", "--no-input", "--quiet", "--disable-pip-version-check"]
        if self._runtime:
            command = [str(self._runtime), "-m", "pip", "--python", str(folder / "bin" / "python"), *options]
        else:
            command = [sys.executable, "-m", "pip", *options, "--upgrade", "--no-deps", "--target", str(folder)]
        process = subprocess.run([*command, *map(str, wheels)], capture_output=True, text=True, check=False)
        if process.returncode:
            names = ", ".join(wheel.name for wheel in wheels)
            raise InstallError(f"pip could not install {names}: {process.stderr.strip()[-500:]}")

    def _make_environment(self, folder: Path) -> None:
        """An environment over the packages of the runtime: what it installs comes before them, and changes none."""
        folder.mkdir(parents=True)
        if self._runtime is None:
            return
        runtime = str(self._runtime)
        subprocess.run([runtime, "-m", "venv", "--without-pip", str(folder)], check=True, capture_output=True)
        there = "import sysconfig; print(sysconfig.get_path('purelib'))"
        packages = subprocess.run([runtime, "-c", there], check=True, capture_output=True, text=True).stdout
        (self._packages(folder) / "runtime.pth").write_text(packages, encoding="utf-8")
