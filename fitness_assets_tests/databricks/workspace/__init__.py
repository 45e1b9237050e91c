"""A Databricks workspace on this machine: the real wire format of jobs and files, and runs which truly execute.

`Workspace` is what a test opens; `build_wheel` makes a small wheel to submit to it.
"""

from fitness_assets_tests.databricks.workspace.wheels import build_wheel
from fitness_assets_tests.databricks.workspace.workspace import Workspace

__all__ = ["Workspace", "build_wheel"]
