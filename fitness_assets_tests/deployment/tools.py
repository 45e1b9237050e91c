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

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NEWER_PYTHONS = ("python3.11", "python3.12", "python3.13")


class ToolMissing(Exception):
    """A tool cannot be had on this machine; the message says why."""


def cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fitness_assets"


def tools() -> Path:
    """The folder of the programs of `tools.lock`.

    Raises:
        ToolMissing: there is no Python 3.11 or newer, or the packages cannot be installed.
    """
    return _environment("deployment-tools", HERE / "tools.lock")


def databricks_cli() -> Path:
    """The Databricks CLI itself; the first time it is built, which takes some minutes.

    Raises:
        ToolMissing: it cannot be built here.
    """
    environment = dict(os.environ)
    built = ROOT / "deployment" / "build-databricks-cli.sh"
    with _alone("databricks-cli"):
        if not (found := list(cache().glob(f"databricks-cli/{_version(built)}/databricks"))) and not shutil.which("go"):
            go = _environment("go", HERE / "go.lock")
            environment["PATH"] = f"{go}{os.pathsep}{environment['PATH']}"
        if found:
            return found[0]
        done = subprocess.run([built], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolMissing(f"The Databricks CLI cannot be built here: {done.stderr.strip()[-2000:]}")
    return Path(done.stdout.strip())


def _version(script: Path) -> str:
    lines = script.read_text(encoding="utf-8").splitlines()
    return next(line.removeprefix("version=") for line in lines if line.startswith("version="))


def _environment(name: str, lock: Path) -> Path:
    version = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    folder = cache() / name / version
    with _alone(name):
        if (folder / ".ready").exists():
            return folder / "bin"
        shutil.rmtree(folder, ignore_errors=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for command in (
            [_newer_python(), "-m", "venv", str(folder)],
            [*pip, "--no-deps", "--require-hashes", "-r", str(lock)],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise ToolMissing(f"{lock.name} cannot be installed: {done.stderr.strip()[-2000:]}")
        (folder / ".ready").touch()
    return folder / "bin"


def _newer_python() -> str:
    if sys.version_info >= (3, 11):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    on_path = [found for name in NEWER_PYTHONS if (found := shutil.which(name))]
    of_pyenv = [str(one) for name in NEWER_PYTHONS for one in pyenv.glob(f"{name.removeprefix('python')}.*/bin/python")]
    for python in [*of_pyenv, *on_path]:
        if not subprocess.run([python, "-c", "import venv"], capture_output=True, check=False).returncode:
            return python
    raise ToolMissing("The emulator minilake needs Python 3.11 or newer, and there is none on this machine.")


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Two test runs at once make a tool once."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
