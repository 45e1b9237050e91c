import os

import pytest

from fitness_assets_tests.settings.models import all_variables


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of our variables is set."""
    for name in list(os.environ):
        if name in all_variables() or name.startswith("FITNESS_"):
            monkeypatch.delenv(name)
