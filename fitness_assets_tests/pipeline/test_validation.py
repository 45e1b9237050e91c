"""What landed computed anew beside what is there."""

from pathlib import Path

import pytest

from fitness_assets.pipeline.validation import validate_tables
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS

pytestmark = pytest.mark.slow


def test_notes_that_lie_elsewhere_stay_as_they_are(platform: Platform, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    platform.lake.settings = platform.settings.model_copy(update={"checkpoints": notes})
    platform.land("gym_logins_bz", "a.csv", [LOGINS, "aa,5,1,2"])
    platform.update()
    before = {file: file.read_bytes() for file in notes.rglob("*.json")}
    assert all(comparison.is_equal for comparison in validate_tables(platform.lake))
    assert before and {file: file.read_bytes() for file in notes.rglob("*.json")} == before
