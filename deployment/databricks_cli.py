"""The Databricks CLI as the deployment scripts call it.

They run where the project is not installed, so they use the standard library alone.
"""

import json
import os
import subprocess
import sys
from typing import Any

CLI = os.environ.get("DATABRICKS_CLI", "databricks")


class DatabricksCliError(Exception):
    """The workspace, or the CLI, refused something; the message is for people."""


def run_cli(*arguments: str) -> None:
    """Runs the CLI, which prints as it goes.

    Raises:
        DatabricksCliError: it failed.
    """
    if subprocess.run([CLI, *arguments], check=False).returncode:
        raise DatabricksCliError(f"`databricks {' '.join(arguments[:3])}` failed; it says above why.")


def query_cli(*arguments: str) -> Any:
    """The answer of the CLI, which it gives as JSON; None where it gives none.

    Raises:
        DatabricksCliError: it failed; the message is what it said.
    """
    process = subprocess.run([CLI, *arguments, "--output", "json"], capture_output=True, text=True, check=False)
    if process.returncode:
        reason = process.stderr.strip() or "it failed and said nothing"
        raise DatabricksCliError(f"`databricks {' '.join(arguments[:2])}`: {reason}")
    return json.loads(process.stdout) if process.stdout.strip() else None


def echo(line: str) -> None:
    print(line, flush=True)


def print_error(program: str, error: Exception) -> None:
    print(f"{program}: {error}", file=sys.stderr, flush=True)
