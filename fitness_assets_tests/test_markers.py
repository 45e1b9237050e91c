"""What `make test-quick` leaves out: whatever starts a server or a program."""

import re
import subprocess
import sys

import pytest

from fitness_assets_tests.checkout import ROOT

pytestmark = pytest.mark.programs


def collected(*options: str) -> set[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-o", "addopts=", *options]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {line for line in output.splitlines() if "::" in line}


def test_the_quick_tests_are_most_of_all_and_start_nothing() -> None:
    selection = re.search(r'pytest -m "(.*)"', (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert selection
    quick, every = collected("-m", selection[1]), collected()
    assert len(quick) > len(every) / 2
    for place in ("/browser/", "postgres", "test_kafka_ingestion.py", "test_live.py", "documents/test_commands.py"):
        assert [test for test in every if place in test] and not [test for test in quick if place in test], place
