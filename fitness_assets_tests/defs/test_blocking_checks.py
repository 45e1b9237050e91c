"""A blocking check that fails: everything that was done is recorded, the step fails in our words, nobody goes on."""

from pathlib import Path

import pytest
from dagster import DagsterInstance, ExecuteInProcessResult, asset, materialize

from fitness_assets.contracts.registry import get_table
from fitness_assets.definitions import defs
from fitness_assets.defs.asset_keys import table_asset_key, table_name_of
from fitness_assets.defs.assets.table_assets import table_assets
from fitness_assets.defs.jobs.stream_all_tables import stream_all_tables
from fitness_assets.pipeline.scheduler import TableOutcome
from fitness_assets.resources.lakehouse import LakehouseResource
from fitness_assets.resources.spark import SparkResource
from fitness_assets_tests.defs.scripted_updates import script_updates, updated

USERS, BINS, LOGS = "silver_db.users", "silver_db.user_bins", "silver_db.gym_logs"
RECORDS = "bronz_db.kafka_multiplex_bz"


@pytest.fixture(autouse=True)
def _base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITNESS_BASE_DIR", str(tmp_path / "base"))


@asset(deps=[table_asset_key(LOGS)])
def report_on_logs() -> None:
    """Somebody's own asset, above a table whose checks passed, in the same run as one whose checks did not."""


def run(*table_names: str) -> ExecuteInProcessResult:
    spark = SparkResource()
    with DagsterInstance.ephemeral() as instance:
        return materialize(
            [table_assets(), report_on_logs],
            instance=instance,
            selection=[*[table_asset_key(name) for name in table_names], report_on_logs.key],
            resources={"spark": spark, "lakehouse": LakehouseResource(spark=spark)},
            raise_on_error=False,
        )


def materialized(result: ExecuteInProcessResult) -> set[str]:
    return {table_name_of(event.asset_key) for event in result.get_asset_materialization_events() if event.asset_key}


def test_what_was_updated_before_and_after_it_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    script_updates(
        monkeypatch,
        updated(USERS, failed_check="unique_key"),
        updated(LOGS),
        TableOutcome(get_table(BINS), held_back_by=USERS),
    )
    result = run(USERS, LOGS, BINS)
    assert materialized(result) == {USERS, LOGS}
    evaluations = {
        (evaluation.asset_key.path[-1], evaluation.check_name): evaluation
        for evaluation in result.get_asset_check_evaluations()
    }
    assert {key for key, evaluation in evaluations.items() if not evaluation.passed} == {("users", "unique_key")}
    assert evaluations["users", "unique_key"].blocking and evaluations["gym_logs", "schema"].blocking
    assert ("user_bins", "schema") not in evaluations
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    message = str(failure.step_failure_data.user_failure_data.description)
    assert "silver_db.users did not pass unique_key" in message
    assert "silver_db.user_bins was held back" in message
    assert "report_on_logs" not in {event.step_key for event in result.all_events if event.is_step_success}


def test_a_check_that_only_warns_lets_the_run_succeed_and_what_is_above_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    script_updates(monkeypatch, updated(RECORDS, failed_check="nothing_missed"), updated(LOGS))
    result = run(RECORDS, LOGS)
    assert result.success and "report_on_logs" in materialized(result)
    (warning,) = [evaluation for evaluation in result.get_asset_check_evaluations() if not evaluation.passed]
    assert (warning.check_name, warning.severity.value, warning.blocking) == ("nothing_missed", "WARN", False)


def test_a_stream_run_tells_too_which_checks_block(monkeypatch: pytest.MonkeyPatch) -> None:
    script_updates(monkeypatch, updated(RECORDS, failed_check="schema"), updated(RECORDS), updated(RECORDS))
    config = {"ops": {"stream_updates": {"config": {"mode": "once", "processing_time": 0.01}}}}
    with DagsterInstance.ephemeral() as instance:
        job = defs().resolve_job_def(stream_all_tables.name)
        result = job.execute_in_process(instance=instance, run_config=config)
    assert result.success, "what passes at the end does not fail the run, although it failed before"
    evaluations = result.get_asset_check_evaluations()
    verdicts = [evaluation.passed for evaluation in evaluations if evaluation.check_name == "schema"]
    assert verdicts == [False, True], "each verdict once"
    blocking = {evaluation.check_name: evaluation.blocking for evaluation in evaluations}
    assert blocking.pop("nothing_missed") is blocking.pop("known_fields") is False
    assert len(blocking) > 3 and all(blocking.values())
