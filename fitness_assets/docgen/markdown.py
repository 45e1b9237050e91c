"""Tables in Markdown."""

from collections.abc import Iterable, Sequence


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar within a cell is escaped."""
    head, *body = (" | ".join(cell.replace("|", r"\|") for cell in line) for line in [headings, *rows])
    return "\n".join([f"| {head} |", "|" + "---|" * len(headings), *(f"| {line} |" for line in body)])
