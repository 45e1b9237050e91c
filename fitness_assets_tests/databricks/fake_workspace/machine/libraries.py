"""Installs the wheels that a task names: into a folder of their own, or into the lasting one of a cluster."""

import hashlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any


class InstallError(Exception):
    """A library of the task is missing or broken."""


def wheel_paths(body: dict[str, Any], task: dict[str, Any]) -> list[str]:
    """The paths of the wheels which a task's form of compute installs.

    Other requirements (PyPI names) are left out: they come from the environment the tests run in, nothing is fetched.
    """
    if "environment_key" in task:
        specs = {entry["environment_key"]: entry.get("spec") or {} for entry in body["environments"]}
        requirements = specs[task["environment_key"]].get("dependencies", [])
    else:
        requirements = [library["whl"] for library in task.get("libraries", []) if "whl" in library]
    return [path for path in requirements if path.endswith(".whl")]


class Libraries:
    """Folders of installed wheels. Content decides: the same bytes are installed once, a changed wheel anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def install(self, wheels: Sequence[Path]) -> Path:
        """The folder with exactly these wheels.

        Raises:
            InstallError: pip refuses one of them.
        """
        digest = hashlib.sha256()
        for wheel in wheels:
            digest.update(wheel.name.encode() + hashlib.sha256(wheel.read_bytes()).digest())
        folder = self._folder / digest.hexdigest()[:16]
        with self._lock:
            if not folder.exists():
                temporary = folder.with_suffix(".new")
                shutil.rmtree(temporary, ignore_errors=True)
                temporary.mkdir(parents=True)
                for wheel in wheels:
                    _install(wheel, temporary)
                temporary.rename(folder)
        return folder

    def install_on(self, cluster_id: str, wheels: Sequence[Path]) -> Path:
        """The folder of a cluster that is there, with these wheels too. One whose version it has is kept as it is.

        Raises:
            InstallError: pip refuses one of them.
        """
        folder = self._folder / cluster_id
        with self._lock:
            for wheel in wheels:
                package, version = wheel.name.split("-")[:2]
                there = metadata.Distribution.discover(name=package, path=[str(folder)])
                if version not in [distribution.version for distribution in there]:
                    _install(wheel, folder, "--upgrade")
        return folder


def _install(wheel: Path, folder: Path, *options: str) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--no-compile", "--no-input", "--quiet"]
    command = [*pip, *options, "--disable-pip-version-check", "--target", str(folder), str(wheel)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise InstallError(f"pip could not install {wheel.name}: {process.stderr.strip()[-500:]}")
