"""Failed runs and checks, brought about: one message when it begins, one when it ends, none in between."""

import pytest
from dagster import (
    DagsterEvent,
    DagsterEventType,
    DagsterRunStatus,
)

from fitness_assets.contracts.registry import all_tables
from fitness_assets_tests.alerts.http_receiver import HttpReceiver
from fitness_assets_tests.defs.code_server import CodeServer
from fitness_assets_tests.defs.monitoring.instances import BROKEN, check, look, observed, run_job, run_of


def test_a_failed_run_is_told_with_its_reason_until_one_of_the_job_succeeds(
    code_server: CodeServer, web: HttpReceiver
) -> None:
    assert look(code_server) == "Nothing is wrong."
    run_job(code_server.instance, "maintain_tables", fails=True)
    assert look(code_server) == "1 go on: run_failed:maintain_tables."
    assert BROKEN in web.messages[0]["notifications"][0]["summary"]
    look(code_server)
    run_job(code_server.instance, "update_all_tables", fails=False)
    look(code_server)
    run_job(code_server.instance, "maintain_tables", fails=True)
    look(code_server)
    assert web.news() == [("begins", "run_failed:maintain_tables")]
    run_job(code_server.instance, "maintain_tables", fails=False)
    look(code_server)
    look(code_server)
    both = [("begins", "run_failed:maintain_tables"), ("ends", "run_failed:maintain_tables")]
    assert web.news() == both
    assert observed(code_server.instance) == both


def test_a_run_that_goes_on_or_was_cancelled_changes_nothing(code_server: CodeServer, web: HttpReceiver) -> None:
    job = code_server.repository.get_job("maintain_tables")
    run_job(code_server.instance, "maintain_tables", fails=True)
    look(code_server)
    for status in (DagsterRunStatus.STARTED, DagsterRunStatus.CANCELED):
        code_server.instance.create_run_for_job(job, status=status)
        look(code_server)
    assert web.news() == [("begins", "run_failed:maintain_tables")]


def test_a_failed_part_is_over_when_that_part_succeeds_and_not_another(
    code_server: CodeServer, web: HttpReceiver
) -> None:
    gyms, hearts = ("bronz_db.gym_logins_bz", "silver_db.gym_logs"), ("silver_db.heart_rate",)
    run_of(code_server, DagsterRunStatus.FAILURE, *gyms)
    for _ in range(3):
        look(code_server)
        run_of(code_server, DagsterRunStatus.SUCCESS, *hearts)
    run_of(code_server, DagsterRunStatus.SUCCESS, gyms[0])
    look(code_server)
    assert web.news() == [("begins", "run_failed:update_all_tables")]
    run_of(code_server, DagsterRunStatus.SUCCESS, gyms[1])
    look(code_server)
    assert web.news()[1:] == [("ends", "run_failed:update_all_tables")]


def test_a_failed_run_of_all_tables_is_over_when_each_of_them_was_done(
    code_server: CodeServer, web: HttpReceiver
) -> None:
    run_of(code_server, DagsterRunStatus.FAILURE)
    look(code_server)
    first, *others = all_tables()
    run_of(code_server, DagsterRunStatus.SUCCESS, *others)
    look(code_server)
    assert web.news() == [("begins", "run_failed:update_all_tables")]
    run_of(code_server, DagsterRunStatus.SUCCESS, first)
    look(code_server)
    assert web.news()[1:] == [("ends", "run_failed:update_all_tables")]


def test_a_stream_run_that_goes_on_is_well(
    code_server: CodeServer, web: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_of(code_server, DagsterRunStatus.FAILURE, job_name="stream_all_tables")
    look(code_server)
    run_id = run_of(code_server, DagsterRunStatus.STARTING, job_name="stream_all_tables")
    event = DagsterEvent(DagsterEventType.RUN_START.value, "stream_all_tables")
    code_server.instance.report_dagster_event(event, run_id)
    look(code_server)
    assert web.news() == [("begins", "run_failed:stream_all_tables")]
    monkeypatch.setattr("fitness_assets.defs.monitoring.instance_facts._GOES_ON_SECONDS", 0.0)
    look(code_server)
    assert web.news()[1:] == [("ends", "run_failed:stream_all_tables")]


def test_a_failed_check_is_told_with_its_advice_until_it_passes(code_server: CodeServer, web: HttpReceiver) -> None:
    check(code_server.instance, "silver_db.users", "unique_key", True)
    assert look(code_server) == "Nothing is wrong."
    check(code_server.instance, "silver_db.users", "unique_key", False)
    look(code_server)
    (told,) = web.messages[0]["notifications"]
    assert "fitness-assets run silver_db.users --full-refresh" in told["advice"]
    assert "Tables downstream wait" in told["summary"]
    check(code_server.instance, "silver_db.users", "unique_key", True)
    look(code_server)
    key = "check_failed:silver_db.users unique_key"
    assert web.news() == [("begins", key), ("ends", key)]


def test_a_gap_in_a_topic_is_told_by_its_own_rule(code_server: CodeServer, web: HttpReceiver) -> None:
    check(code_server.instance, "bronz_db.kafka_multiplex_bz", "nothing_missed", False)
    look(code_server)
    assert web.news() == [("begins", "topic_gap:bronz_db.kafka_multiplex_bz nothing_missed")]
    assert "--accept-gaps" in web.messages[0]["notifications"][0]["advice"]
