"""The benchmarks run, on as little as there can be; what they measure then means nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from fitness_assets_tests.checkout import ROOT

pytestmark = pytest.mark.programs

TINY = ("--readings", "30000", "--rounds", "1", "--updates", "3", "--users", "2", "--latency", "0")


def test_the_page_is_written_from_what_was_measured(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "fitness_assets_tests.benchmarks", *TINY, "--docs", str(tmp_path)], cwd=ROOT, check=True
    )
    page = (tmp_path / "measured.md").read_text()
    for title in ("From nothing", "A small table beside a big one", "Small updates", "3 updates one after the other"):
        assert f"## {title}\n" in page
    assert "| 30,000 readings, DuckDB |" in page and "| nothing new, history of 30,000 |" in page
    pictures = sorted((tmp_path / "images").glob("bench-*.svg"))
    assert len(pictures) == page.count("](images/bench-") == page.count("## ")
