"""A folder that refuses what a volume refuses, for one process and its children: C, preloaded before all else.

`docs/databricks-assumptions.md` says what is known of volumes and from where. Where sources disagree the
stand-in refuses: what passes here passes there.
"""

import functools
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
_COMPILE = ("gcc", "-std=gnu17", "-O1", "-fPIC", "-shared", "-Wno-nonnull-compare", "-Wno-deprecated-non-prototype")


@functools.cache
def compiler_works() -> bool:
    """Whether this machine can make the library."""
    return shutil.which("gcc") is not None


@functools.cache
def library() -> Path:
    """The compiled library; the same source is compiled once on a machine."""
    digest = hashlib.sha256(SOURCE.read_bytes() + repr(_COMPILE).encode()).hexdigest()[:16]
    compiled = Path(tempfile.gettempdir()) / f"fitness_strict_volumes_{digest}.so"
    if not compiled.exists():
        with tempfile.TemporaryDirectory(dir=compiled.parent) as folder:
            unfinished = Path(folder) / compiled.name
            subprocess.run([*_COMPILE, "-o", str(unfinished), str(SOURCE), "-ldl"], check=True, capture_output=True)
            unfinished.replace(compiled)
    return compiled


def strict_environment(volumes: str | Path, skew_seconds: int = 0) -> dict[str, str]:
    """The variables of a process to which everything below a folder is a volume.

    Args:
        skew_seconds: how far the times that it sees are from those that another machine sees.
    """
    skew = {"STRICT_VOLUMES_SKEW": str(skew_seconds)}
    return {"LD_PRELOAD": str(library()), "STRICT_VOLUMES": str(volumes), **skew}
