"""Set up `.venv` (or the folder given) with nothing but Python: the locked packages, a Java among them, and the jars.

Run by `make install` with any Python from 3.10 to 3.13; it uses the standard library alone. With `--no-startup-cache`
it takes a minute less, and engines start slower.
"""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_NO_STARTUP_CACHE = "--no-startup-cache"
OLDEST_PYTHON, NEWEST_PYTHON = (3, 10), (3, 13)


def main() -> int:
    version = sys.version_info[:2]
    if not OLDEST_PYTHON <= version <= NEWEST_PYTHON:
        supported = f"{_dotted(OLDEST_PYTHON)} to {_dotted(NEWEST_PYTHON)}"
        return _fail(f"Python {supported} is needed, this is {_dotted(version)}. Try `make install PYTHON=python3.12`.")
    options = [argument for argument in sys.argv[1:] if argument != _NO_STARTUP_CACHE]
    folder = ROOT / (options[0] if options else ".venv")
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            _echo(f"Making {folder.name} ...")
            venv.create(folder, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return _fail(f"{folder.name} could not be made ({error}). On Debian and Ubuntu: apt-get install python3-venv.")
    _echo("Installing the locked packages (about a minute the first time) ...")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*pip, "--no-deps", "--require-hashes", "-r", str(ROOT / "requirements.lock")]):
        return _fail("The packages could not be installed; pip says above why. Is the package index reachable?")
    if subprocess.call([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]):
        return _fail("fitness_assets could not be installed; pip says above why.")
    _echo("Resolving the jars ...")
    program = str(folder / "bin" / "fitness-assets")
    if status := subprocess.call([program, "install-jars"]):
        return status
    if _NO_STARTUP_CACHE not in sys.argv:
        # Without it engines start as well, only later.
        subprocess.call([program, "engine", "prepare"])
    return 0


def _dotted(version: "tuple[int, int]") -> str:
    return f"{version[0]}.{version[1]}"


def _echo(line: str) -> None:
    print(line, flush=True)


def _fail(line: str) -> int:
    print(f"Set-up failed: {line}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
