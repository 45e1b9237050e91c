"""Runs one wheel task inside its own process, as the driver of a cluster does. A copy of this file is what starts.

    python driver.py <package name> <entry point> <folder of the installed wheels> [parameter ...]

The entry point is looked for among the installed wheels alone. What it returns is ignored: on Databricks only an
exception, or an exit with another code than 0, fails a task.
"""

import importlib
import sys
from importlib import metadata
from pathlib import Path


def main() -> None:
    package, entry_point, folder, *parameters = sys.argv[1:]
    # Beside this file lies what the session of this machine refuses.
    importlib.import_module("session_limits")
    sys.path[0] = folder
    # Databricks puts the package's name first, so that usage texts look right.
    sys.argv = [package, *parameters]
    distributions = list(metadata.Distribution.discover(name=package, path=[folder]))
    if not distributions:
        raise SystemExit(f"Python wheel with name {package} could not be found. Please check the driver logs.")
    entries = [entry for entry in distributions[0].entry_points if entry.name == entry_point]
    # Where the metadata names no such entry point, Databricks calls the function of the package.
    function = f"{package.replace('-', '_')}:{entry_point}"
    entry = entries[0] if entries else metadata.EntryPoint(entry_point, function, "")
    source = Path(importlib.import_module(entry.module).__file__ or "").resolve()
    if Path(folder).resolve() not in source.parents:
        raise SystemExit(f"{package}:{entry_point} came from {source}, which is no part of the wheel")
    entry.load()()


if __name__ == "__main__":
    main()
