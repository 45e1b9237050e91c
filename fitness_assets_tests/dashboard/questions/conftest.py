from pathlib import Path

import pytest

from fitness_assets_tests.dashboard.questions.zone import Zone


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path / "base")
