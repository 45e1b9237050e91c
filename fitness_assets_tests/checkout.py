"""A copy of the checkout in a scratch folder, with the virtual environment of the tests as its `.venv`."""

import os
import shutil
import sys
from pathlib import Path

import fitness_assets

ROOT = Path(fitness_assets.__file__).parent.parent
_PARTS = ("fitness_assets", "docs", "README.md", "Makefile", "pyproject.toml", "requirements.lock", "workspace.yaml")


class Checkout:
    """The copy: commands run in it as a person types them, and everything they write lies below it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.base = folder / "base"
        self.folder.mkdir()
        for name in _PARTS:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, self.folder / name)
        (self.folder / ".venv").symlink_to(sys.prefix)
        for name in ("pyproject.toml", "requirements.lock", "fitness_assets/engine/locks/spark.lock"):
            os.utime(self.folder / name, (0, 0))  # older than the environment, which make therefore leaves as it is

    def environment(self, **overrides: str) -> dict[str, str]:
        """That of a newcomer: nothing is set but where the data lies and what day it is."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("FITNESS_", "DAGSTER_"))}
        for name in ("SPARK_REMOTE", "KAFKA_BOOTSTRAP_SERVERS", "MAKEFLAGS", "MAKELEVEL"):
            inherited.pop(name, None)
        own = {"PYTHONPATH": str(self.folder), "FITNESS_BASE_DIR": str(self.base), "FITNESS_AS_OF": "2026-02-28"}
        return inherited | own | overrides
