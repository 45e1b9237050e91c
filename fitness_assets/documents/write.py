"""Where the written parts stand, and writing them."""

import re
from pathlib import Path

from fitness_assets.documents.checks import checks
from fitness_assets.documents.graph import graph
from fitness_assets.documents.tables import tables_page
from fitness_assets.errors import SettingError


def documents(docs: Path) -> dict[Path, str]:
    """What each document should hold, by its file.

    Raises:
        SettingError: a document has no place for its written part: the folder is not of our checkout.
    """
    return {
        docs / "tables.md": tables_page(),
        docs / "architecture.md": _with_part(docs / "architecture.md", "graph", graph()),
        docs / "operations.md": _with_part(docs / "operations.md", "checks", checks()),
    }


def write_documents(docs: Path) -> list[Path]:
    """Write what differs; the files written."""
    changed = [
        (file, text)
        for file, text in documents(docs).items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]
    for file, text in changed:
        file.write_text(text, encoding="utf-8")
    return [file for file, _ in changed]


def _with_part(file: Path, name: str, part: str) -> str:
    begin, end = f"<!-- {name}: written by fitness-assets document -->", f"<!-- end of {name} -->"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if begin not in text or end not in text:
        raise SettingError(f"{file} has no place for the {name}; run this in a checkout of the project.")
    return re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{part}\n{end}", text, flags=re.DOTALL)
