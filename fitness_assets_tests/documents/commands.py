"""The commands in the documents: the lines of their `sh` blocks, and code between backticks that is one of ours."""

import re
from pathlib import Path

from fitness_assets_tests.checkout import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
ON_A_WORKSPACE = {"databricks.md", "governance.md"}
"""Their commands need a workspace on Azure; what of them can be held against the real CLI, `deployment` does."""


def block_commands() -> list[str]:
    """Each command of the `sh` blocks, in order, without its comment."""
    found: list[str] = []
    for page in PAGES:
        for block in re.findall(r"^ *```sh\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            lines = block.replace("\\\n", " ").splitlines()
            found += [re.sub(r"\s+# .*$", "", line).strip() for line in lines]
    return [command for command in found if command and not command.startswith("#")]


def inline_commands() -> list[tuple[Path, str]]:
    """Each `fitness-assets …` and `make …` that stands in a sentence."""
    return [
        (page, command)
        for page in PAGES
        for command in re.findall(r"`((?:fitness-assets|make) [^`]+)`", page.read_text(encoding="utf-8"))
    ]


def indented_commands() -> list[str]:
    """Commands that hide in blocks nobody runs."""
    marks = r"^ {4}(?:\.venv/bin/\S+|make|export|databricks|az|dagster|pip|uv) \S.*$"
    return [
        line.strip()
        for page in PAGES
        if page.name not in ON_A_WORKSPACE
        for line in re.findall(marks, re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL), re.M)
    ]
