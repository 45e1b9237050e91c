"""Measured figures as a page: on what they were measured, tables with medians and spread, and a picture of each."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from fitness_assets_tests.benchmarks.machine_load import Cost

_PACKAGES = ("dagster", "delta-spark", "deltalake", "duckdb", "pyarrow", "pyspark")
_COLUMNS = {"wall": "wall, s", "cpu": "CPU, s", "memory": "memory, MB", "read": "read, MB", "written": "written, MB"}
_WIDTH, _LABEL, _BAR, _GAP = 860, 330, 18, 6


@dataclass(frozen=True)
class Figure:
    """One thing that was measured.

    Attributes:
        costs: one or more of it.
        beside: what ran in the same session and does the same or less; None where this is it.
    """

    what: str
    costs: Sequence[Cost]
    beside: Sequence[Cost] | None = None

    def median(self, attribute: str) -> float:
        return statistics.median(getattr(cost, attribute) for cost in self.costs)

    def spread(self, attribute: str) -> str:
        """The least and the greatest, where there are several."""
        values = sorted(getattr(cost, attribute) for cost in self.costs)
        return f"{values[0]:.1f} to {values[-1]:.1f}" if len(values) > 1 else ""

    def ratio(self, attribute: str) -> str:
        """The median as a multiple of what ran beside it."""
        beside = statistics.median(getattr(cost, attribute) for cost in self.beside) if self.beside else 0
        return f"{self.median(attribute) / beside:.2f}" if beside else ""


@dataclass(frozen=True)
class Section:
    """Figures that belong together.

    Attributes:
        beside: what the ratios are to.
        compared: the attribute of a cost that is compared and drawn.
    """

    title: str
    command: str
    beside: str
    figures: Sequence[Figure]
    compared: Literal["cpu", "wall"] = "cpu"


def write_report(page: Path, images: Path, sections: Sequence[Section]) -> None:
    """Write the page and its pictures."""
    images.mkdir(parents=True, exist_ok=True)
    parts = ["# Measured", _machine()]
    for section in sections:
        name = f"bench-{section.title.lower().replace(',', '').replace(' ', '-')}.svg"
        (images / name).write_text(_picture(section), encoding="utf-8")
        parts += [f"## {section.title}", f"```sh\n{section.command}\n```", _table(section)]
        parts.append(f"![{section.title}]({os.path.relpath(images / name, page.parent)})")
    page.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _machine() -> str:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{datetime.now(timezone.utc):%d %B %Y}, {os.cpu_count()} cores ({model}), {memory:.0f} GiB, Python "
        f"{platform.python_version()}, {packages}. Load when it was written: {load}. Written by `make bench`; medians "
        f"where something ran more than once."
    )


def _table(section: Section) -> str:
    columns = {name: title for name, title in _COLUMNS.items() if any(each.median(name) for each in section.figures)}
    compared = _COLUMNS[section.compared].partition(",")[0]
    head = ["", *columns.values(), f"{compared}, spread", f"{compared}, times {section.beside}"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for figure in section.figures:
        numbers = [f"{figure.median(name):.{1 if title.endswith('s') else 0}f}" for name, title in columns.items()]
        cells = [figure.what, *numbers, figure.spread(section.compared), figure.ratio(section.compared)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _picture(section: Section) -> str:
    """What is compared as bars."""
    most = max(figure.median(section.compared) for figure in section.figures) or 1.0
    height = len(section.figures) * (_BAR + _GAP) + 30
    shapes = []
    for number, figure in enumerate(section.figures):
        top, used = number * (_BAR + _GAP) + 4, figure.median(section.compared)
        width = max(used / most * (_WIDTH - _LABEL - 90), 1)
        colour = "#7c8a97" if figure.beside is None else "#2f6fde"
        shapes += [
            f'<text x="{_LABEL - 8}" y="{top + 13}" text-anchor="end">{escape(figure.what)}</text>',
            f'<rect x="{_LABEL}" y="{top}" width="{width:.0f}" height="{_BAR}" rx="2" fill="{colour}"/>',
            f'<text x="{_LABEL + width + 6:.0f}" y="{top + 13}">{used:.1f} s</text>',
        ]
    unit = "processor seconds" if section.compared == "cpu" else "seconds"
    foot = f'<text x="{_LABEL}" y="{height - 8}" fill="#7c8a97">{unit}; grey is what ran beside it</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="#ffffff"/>{"".join(shapes)}{foot}</svg>\n'
    )
