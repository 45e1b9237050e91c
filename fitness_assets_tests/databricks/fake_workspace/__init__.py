"""A Databricks workspace on this machine: the real wire format of jobs and files, and runs which truly execute.

`FakeWorkspace` is what a test opens; `build_wheel` makes a small wheel to submit to it. Imports go from the state
below (`state`) by the executor of runs and the calls (`api`) to the server and the workspace on top.
"""

from fitness_assets_tests.databricks.fake_workspace.wheels import build_wheel
from fitness_assets_tests.databricks.fake_workspace.workspace import FakeWorkspace

__all__ = ["FakeWorkspace", "build_wheel"]
