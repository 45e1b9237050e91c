"""The last results of the pipeline's checks."""

import json

from fitness_assets.contracts.registry import get_table
from fitness_assets.dashboard.queries.quality.check_results import get_check_results
from fitness_assets.pipeline.quality.checks import run_checks
from fitness_assets_tests.dashboard.table_builder import TableBuilder


def test_results_are_those_of_the_pipeline_and_say_whether_the_table_changed_since(builder: TableBuilder) -> None:
    assert get_check_results(builder.reader) == ()
    builder.add_user(1)
    builder.add_user(2)
    run_checks(builder.reader.lakehouse, get_table("silver_db.users"))
    unique_key = next(result for result in get_check_results(builder.reader) if result.check_name == "unique_key")
    assert unique_key.passed and unique_key.is_current
    assert dict(unique_key.figures) == {"rows": "2", "wrong": "0"}
    builder.add_user(2)
    assert not get_check_results(builder.reader)[0].is_current
    run_checks(builder.reader.lakehouse, get_table("silver_db.users"))
    first = get_check_results(builder.reader)[0]
    assert (first.check_name, first.passed, first.is_current) == ("unique_key", False, True)


def test_a_note_of_checks_that_cannot_be_read_is_no_check(builder: TableBuilder) -> None:
    builder.add_user(1)
    run_checks(builder.reader.lakehouse, get_table("silver_db.users"))
    note = next(builder.settings.checkpoint_zone.rglob("checks.json"))
    note.write_text(json.dumps({"versions": 1}))
    assert get_check_results(builder.reader) == ()
