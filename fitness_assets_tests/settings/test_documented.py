"""The documents name the variables that there are, and no others."""

import re

from fitness_assets.docgen.settings import ALERTS, DATABRICKS, GOVERNANCE, MACHINE, PLATFORM
from fitness_assets_tests.documents.commands import PAGES
from fitness_assets_tests.settings.models import all_models, all_variables

PREFIX = "FITNESS_KAFKA_"


def test_every_model_is_in_a_table() -> None:
    assert {*PLATFORM, *DATABRICKS, *GOVERNANCE, *ALERTS, *MACHINE} == set(all_models())


def test_every_variable_that_a_page_names_is_one_of_a_model() -> None:
    for page in PAGES:
        names = set(re.findall(r"\bFITNESS_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
        assert not {name for name in names - all_variables() if not name.startswith(PREFIX)}, page.name
