"""The programs that the deployment tests drive: real, pinned, kept outside the checkout and made once.

In `${XDG_CACHE_HOME:-~/.cache}/fitness_assets/`: the Databricks CLI, built from its source, and a virtual environment
with the emulator `minilake`, the published schemas and `shellcheck`.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
NEWER_PYTHONS = ("python3.11", "python3.12", "python3.13")


class ToolMissingError(Exception):
    """A tool cannot be had on this machine; the message says why."""


def cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fitness_assets"


def tool_folder() -> Path:
    """The folder of the programs of `tools.lock`.

    Raises:
        ToolMissingError: there is no Python 3.11 or newer, or the packages cannot be installed.
    """
    return virtual_environment("deployment-tools", FOLDER / "tools.lock")


def sbom_folder() -> Path:
    """The folder of the programs of `sbom.lock`.

    Raises:
        ToolMissingError: there is no Python 3.11 or newer, or the packages cannot be installed.
    """
    return virtual_environment("sbom-tools", FOLDER / "sbom.lock")


def databricks_cli() -> Path:
    """The Databricks CLI itself; the first time it is built, which takes some minutes.

    Raises:
        ToolMissingError: it cannot be built here.
    """
    environment = dict(os.environ)
    build_script = ROOT / "deployment" / "build-databricks-cli.sh"
    with locked("databricks-cli"):
        program = cache() / "databricks-cli" / _version(build_script) / "databricks"
        if program.exists():
            return program
        if not shutil.which("go"):
            go = virtual_environment("go", FOLDER / "go.lock")
            environment["PATH"] = f"{go}{os.pathsep}{environment['PATH']}"
        process = subprocess.run([build_script], env=environment, capture_output=True, text=True, check=False)
    if process.returncode:
        raise ToolMissingError(f"The Databricks CLI cannot be built here: {process.stderr.strip()[-2000:]}")
    return Path(process.stdout.strip())


def _version(script: Path) -> str:
    lines = script.read_text(encoding="utf-8").splitlines()
    return next(line.removeprefix("version=") for line in lines if line.startswith("version="))


def virtual_environment(name: str, lock: Path, python: str | None = None) -> Path:
    """The folder of the programs of a virtual environment with the packages of a lock.

    Args:
        python: that of the environment; any that is new enough for the tools if None.

    Raises:
        ToolMissingError: it cannot be made.
    """
    version = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    folder = cache() / name / version
    with locked(name):
        if (folder / ".ready").exists():
            return folder / "bin"
        shutil.rmtree(folder, ignore_errors=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for command in (
            [python or _newer_python(), "-m", "venv", str(folder)],
            [*pip, "--no-deps", "--require-hashes", "-r", str(lock)],
        ):
            process = subprocess.run(command, capture_output=True, text=True, check=False)
            if process.returncode:
                raise ToolMissingError(f"{lock.name} cannot be installed: {process.stderr.strip()[-2000:]}")
        (folder / ".ready").touch()
    return folder / "bin"


def _newer_python() -> str:
    if sys.version_info >= (3, 11):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    on_path = [path for name in NEWER_PYTHONS if (path := shutil.which(name))]
    of_pyenv = [
        str(path) for name in NEWER_PYTHONS for path in pyenv.glob(f"{name.removeprefix('python')}.*/bin/python")
    ]
    for python in [*of_pyenv, *on_path]:
        if not subprocess.run([python, "-c", "import venv"], capture_output=True, check=False).returncode:
            return python
    raise ToolMissingError("The emulator minilake needs Python 3.11 or newer, and there is none on this machine.")


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Two test runs at once make a tool once."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
