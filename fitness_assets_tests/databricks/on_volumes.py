"""Python on a machine whose `/Volumes` is as strict as a real one: nothing of the workspace around it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fitness_assets_tests.databricks.fake_workspace.machine.mounts import MountNamespace, namespaces_work
from fitness_assets_tests.databricks.fake_workspace.machine.strict_volumes import compiler_works, strict_environment

VOLUME = Path("/Volumes/dev/bronz_db/zone")


def require_strict_volumes() -> None:
    """Skip the test where there can be none, or fail it where `FITNESS_REQUIRE_SERVERS=1` says that all must be."""
    if compiler_works() and namespaces_work():
        return
    missing = "Strict volumes need gcc (apt-get install gcc libc6-dev) and mount namespaces."
    if os.environ.get("FITNESS_REQUIRE_SERVERS") == "1":
        pytest.fail(missing)
    pytest.skip(missing)


class Machine:
    """A machine with one volume, at `VOLUME`.

    Attributes:
        volume: the folder behind it, as the test sees it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mounts = MountNamespace(folder / "Volumes", folder / "dbfs")
        self.volume = folder / "Volumes" / VOLUME.relative_to("/Volumes")
        self.volume.mkdir(parents=True)
        (folder / "dbfs").mkdir()

    def run(self, code: str, *arguments: str, skew: int = 0, expected: int = 0) -> str:
        """What some Python code prints there; it must end with the code `expected`.

        Args:
            skew: how far the times that it sees are from those of other machines, in seconds.
        """
        command = self._mounts.command([sys.executable, "-c", code, *arguments], self._folder)
        environment = os.environ | strict_environment("/Volumes", skew)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == expected, done.stderr
        return done.stdout
