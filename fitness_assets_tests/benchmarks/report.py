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

from fitness_assets_tests.benchmarks.machine_load import Cost

_PACKAGES = ("dagster", "delta-spark", "deltalake", "duckdb", "pyarrow", "pyspark")
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

    @property
    def spread(self) -> str:
        """The least and the greatest processor time, where there are several."""
        used = sorted(cost.cpu for cost in self.costs)
        return f"{used[0]:.1f} to {used[-1]:.1f}" if len(used) > 1 else ""

    @property
    def ratio(self) -> str:
        """The processor time as a multiple of what ran beside it."""
        if not self.beside:
            return ""
        return f"{self.median('cpu') / statistics.median(cost.cpu for cost in self.beside):.2f}"


@dataclass(frozen=True)
class Section:
    """Figures that belong together.

    Attributes:
        beside: what the ratios are to.
    """

    title: str
    command: str
    beside: str
    figures: Sequence[Figure]


def write_report(page: Path, images: Path, sections: Sequence[Section]) -> None:
    """Write the page and its pictures."""
    images.mkdir(parents=True, exist_ok=True)
    parts = ["# Measured", _machine()]
    for section in sections:
        name = f"bench-{section.title.lower().replace(' ', '-')}.svg"
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
    head = f"| | wall, s | CPU, s | spread | memory, MB | read, MB | written, MB | CPU, times {section.beside} |"
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for figure in section.figures:
        numbers = [
            f"{figure.median('wall'):.1f}",
            f"{figure.median('cpu'):.1f}",
            figure.spread,
            f"{figure.median('memory'):.0f}",
            f"{figure.median('read'):.0f}",
            f"{figure.median('written'):.0f}",
            figure.ratio,
        ]
        lines.append(f"| {figure.what} | {' | '.join(numbers)} |")
    return "\n".join(lines)


def _picture(section: Section) -> str:
    """Processor seconds as bars."""
    most = max(figure.median("cpu") for figure in section.figures) or 1.0
    height = len(section.figures) * (_BAR + _GAP) + 30
    shapes = []
    for number, figure in enumerate(section.figures):
        top, used = number * (_BAR + _GAP) + 4, figure.median("cpu")
        width = max(used / most * (_WIDTH - _LABEL - 90), 1)
        colour = "#7c8a97" if figure.beside is None else "#2f6fde"
        shapes += [
            f'<text x="{_LABEL - 8}" y="{top + 13}" text-anchor="end">{escape(figure.what)}</text>',
            f'<rect x="{_LABEL}" y="{top}" width="{width:.0f}" height="{_BAR}" rx="2" fill="{colour}"/>',
            f'<text x="{_LABEL + width + 6:.0f}" y="{top + 13}">{used:.1f} s</text>',
        ]
    foot = f'<text x="{_LABEL}" y="{height - 8}" fill="#7c8a97">processor seconds; grey is what ran beside it</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="#ffffff"/>{"".join(shapes)}{foot}</svg>\n'
    )
