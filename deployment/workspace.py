"""The Databricks CLI as the deployment scripts call it.

They run where the project is not installed, so they use the standard library alone.
"""

import json
import os
import subprocess
import sys
from typing import Any

CLI = os.environ.get("DATABRICKS_CLI", "databricks")


class WorkspaceError(Exception):
    """The workspace, or the CLI, refused something; the message is for people."""


def databricks(*words: str) -> None:
    """Runs the CLI, which prints as it goes.

    Raises:
        WorkspaceError: it failed.
    """
    if subprocess.run([CLI, *words], check=False).returncode:
        raise WorkspaceError(f"`databricks {' '.join(words[:3])}` failed; it says above why.")


def ask(*words: str) -> Any:
    """The answer of the CLI, which it gives as JSON; None where it gives none.

    Raises:
        WorkspaceError: it failed; the message is what it said.
    """
    done = subprocess.run([CLI, *words, "--output", "json"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise WorkspaceError(
            f"`databricks {' '.join(words[:2])}`: {done.stderr.strip() or 'it failed and said nothing'}"
        )
    return json.loads(done.stdout) if done.stdout.strip() else None


def say(line: str) -> None:
    print(line, flush=True)


def complain(program: str, error: Exception) -> int:
    print(f"{program}: {error}", file=sys.stderr, flush=True)
    return 1
