"""Runs one wheel task inside its own process, as the driver of a cluster does. A copy of this file is what starts.

    python entry_point.py <package name> <entry point> <folder of the installed wheels> [parameter ...]

The entry point is looked for among the installed wheels alone. What it returns is ignored: on Databricks only an
exception, or an exit with another code than 0, fails a task.
"""

import importlib
import sys
from importlib import metadata
from pathlib import Path


def main() -> None:
    package, name, folder, *parameters = sys.argv[1:]
    sys.path[0] = folder
    # Databricks puts the package's name first, so that usage texts look right.
    sys.argv = [package, *parameters]
    found = list(metadata.Distribution.discover(name=package, path=[folder]))
    if not found:
        raise SystemExit(f"Python wheel with name {package} could not be found. Please check the driver logs.")
    entries = [entry for entry in found[0].entry_points if entry.name == name]
    # Where the metadata names no such entry point, Databricks calls the function of the package.
    entry = entries[0] if entries else metadata.EntryPoint(name, f"{package.replace('-', '_')}:{name}", "")
    source = Path(importlib.import_module(entry.module).__file__ or "").resolve()
    if Path(folder).resolve() not in source.parents:
        raise SystemExit(f"{package}:{name} came from {source}, which is no part of the wheel")
    entry.load()()


if __name__ == "__main__":
    main()
