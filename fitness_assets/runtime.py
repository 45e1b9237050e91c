"""Whose engine this process has."""

import os


def on_databricks() -> bool:
    """Whether the engine is Databricks' own. `FITNESS_MASTER` names another one, also on a machine of theirs."""
    return "DATABRICKS_RUNTIME_VERSION" in os.environ and "FITNESS_MASTER" not in os.environ
