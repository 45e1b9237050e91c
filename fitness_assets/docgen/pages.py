"""The pages that have written parts, and writing them."""

from collections.abc import Mapping
from pathlib import Path

from fitness_assets.docgen.alerts import render_alerts
from fitness_assets.docgen.assumptions import render_assumptions
from fitness_assets.docgen.checks import render_checks
from fitness_assets.docgen.graph import render_graph
from fitness_assets.docgen.settings import ALERTS, DATABRICKS, GOVERNANCE, MACHINE, PLATFORM, render_settings
from fitness_assets.docgen.tables import render_tables_page
from fitness_assets.errors import SettingError


def render_pages(checkout: Path) -> dict[Path, str]:
    """What each page should hold, by its file.

    Raises:
        SettingError: a page has no place for its written part: the folder is not a checkout of ours.
    """
    docs = checkout / "docs"
    parts = {
        checkout / "README.md": {"settings": render_settings(PLATFORM)},
        docs / "architecture.md": {"graph": render_graph()},
        docs / "databricks.md": {"settings": render_settings(DATABRICKS)},
        docs / "databricks-assumptions.md": {"assumptions": render_assumptions()},
        docs / "governance.md": {"settings": render_settings(GOVERNANCE)},
        docs / "on-call.md": {"alerts": render_alerts(), "settings": render_settings(ALERTS)},
        docs / "operations.md": {"checks": render_checks(), "settings": render_settings(MACHINE)},
    }
    pages = {file: _with_parts(file, written) for file, written in parts.items()}
    return {docs / "tables.md": render_tables_page(), **pages}


def write_pages(checkout: Path) -> list[Path]:
    """Write the pages that differ; the files written.

    Raises:
        SettingError: the folder is not a checkout of ours.
    """
    changed = {
        file: text
        for file, text in render_pages(checkout).items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    }
    for file, text in changed.items():
        file.write_text(text, encoding="utf-8")
    return list(changed)


def _with_parts(file: Path, parts: Mapping[str, str]) -> str:
    """The page with its written parts renewed."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    for name, part in parts.items():
        begin, end = f"<!-- {name}: written by fitness-assets document -->", f"<!-- end of {name} -->"
        if begin not in text or end not in text:
            raise SettingError(f"{file} has no place for the {name}; run this in a checkout of the project.")
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{part}\n{end}{rest.partition(end)[2]}"
    return text
