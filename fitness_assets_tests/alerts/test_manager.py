"""Each receiver hears of each incident once when it begins, again after some hours, and once when it is over."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydantic import SecretStr

from fitness_assets.alerts import AlertManager, Facts, FailedRun, receivers
from fitness_assets.errors import AlertError
from fitness_assets.settings.alerts import AlertSettings, Webhook
from fitness_assets.storage import open_storage
from fitness_assets_tests.alerts.http_receiver import HttpReceiver, http_receiver

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
WELL = Facts(at=NOON)
FAILED = Facts(at=NOON, failed_runs=(FailedRun("maintain_tables", "abc", "The disk is full."),))
KEY = "run_failed:maintain_tables"


class OnCall:
    """A platform that is looked at minute after minute, by a new process each time."""

    def __init__(self, folder: Path, *urls: str, seconds: float = 5.0) -> None:
        webhooks = tuple(Webhook("json", SecretStr(url)) for url in urls)
        self.folder = folder
        self.settings = AlertSettings(webhooks=webhooks, receiver_seconds=seconds)

    def look(self, facts: Facts, minutes: float) -> list[tuple[str, bool]]:
        changes = self.manager().observe(lambda: replace(facts, at=NOON + timedelta(minutes=minutes)))
        return [(change.incident.alert.key, change.has_begun) for change in changes]

    def manager(self) -> AlertManager:
        return AlertManager(open_storage(self.folder), self.settings, receivers(self.settings))


@pytest.fixture
def first() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


@pytest.fixture
def second() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


def test_one_message_when_it_begins_one_when_it_ends_none_in_between(tmp_path: Path, first: HttpReceiver) -> None:
    on_call = OnCall(tmp_path, first.url)
    assert on_call.look(WELL, 0) == []
    assert on_call.look(FAILED, 1) == [(KEY, True)]
    for minute in range(2, 60):
        assert on_call.look(FAILED, minute) == []
    assert first.news() == [("begins", KEY)]
    assert on_call.look(WELL, 60) == [(KEY, False)]
    assert on_call.look(WELL, 61) == []
    assert first.news() == [("begins", KEY), ("ends", KEY)]
    assert on_call.look(FAILED, 62) == [(KEY, True)]
    assert first.news()[2:] == [("begins", KEY)]


def test_it_is_told_again_while_it_goes_on(tmp_path: Path, first: HttpReceiver) -> None:
    on_call = OnCall(tmp_path, first.url)
    for hour in range(10):
        on_call.look(FAILED, 60 * hour)
    assert [news for news, _ in first.news()] == ["begins", "goes on", "goes on"]


def test_of_what_somebody_sees_to_nobody_is_reminded_until_it_comes_back(tmp_path: Path, first: HttpReceiver) -> None:
    on_call = OnCall(tmp_path, first.url)
    on_call.look(FAILED, 0)
    (incident,) = on_call.manager().open_incidents()
    on_call.manager().acknowledge([incident.alert.id], NOON + timedelta(minutes=1))
    for hour in range(1, 20):
        on_call.look(FAILED, 60 * hour)
    assert first.news() == [("begins", KEY), ("acknowledged", KEY)]
    (incident,) = on_call.manager().open_incidents()
    assert incident.acknowledged_at == NOON + timedelta(minutes=1)
    on_call.look(WELL, 60 * 20)
    on_call.look(FAILED, 60 * 21)
    on_call.look(FAILED, 60 * 30)
    assert first.news()[2:] == [("ends", KEY), ("begins", KEY), ("goes on", KEY)]


def test_what_comes_back_before_its_end_could_be_told_is_nobodys_again(tmp_path: Path, first: HttpReceiver) -> None:
    on_call = OnCall(tmp_path, first.url)
    on_call.look(FAILED, 0)
    on_call.manager().acknowledge(["run_failed"], NOON + timedelta(minutes=1))
    first.status = 503
    on_call.look(WELL, 2)
    on_call.look(FAILED, 3)
    (incident,) = on_call.manager().open_incidents()
    assert incident.acknowledged_at is None


def test_what_is_not_wrong_cannot_be_acknowledged(tmp_path: Path, first: HttpReceiver) -> None:
    on_call = OnCall(tmp_path, first.url)
    on_call.look(FAILED, 0)
    with pytest.raises(AlertError, match="Nothing that is wrong now has the id abc"):
        on_call.manager().acknowledge(["run_failed", "abc"], NOON)
    (incident,) = on_call.manager().open_incidents()
    assert incident.acknowledged_at is None


def test_what_begins_in_one_look_comes_in_one_message(tmp_path: Path, first: HttpReceiver) -> None:
    jobs = [f"job_{number}" for number in range(30)]
    OnCall(tmp_path, first.url).look(Facts(NOON, failed_runs=tuple(FailedRun(job, "", "") for job in jobs)), 0)
    assert len(first.messages) == 1
    assert sorted(first.news()) == sorted(("begins", f"run_failed:{job}") for job in jobs)


def test_what_nobody_can_tell_now_neither_ends_nor_begins_anew(tmp_path: Path, first: HttpReceiver) -> None:
    on_call = OnCall(tmp_path, first.url)
    on_call.look(FAILED, 0)
    assert on_call.look(replace(WELL, unknown_rules=frozenset({"run_failed"})), 1) == []
    assert on_call.look(FAILED, 2) == []
    assert first.news() == [("begins", KEY)]


def test_a_receiver_that_hangs_costs_the_others_nothing(
    tmp_path: Path, first: HttpReceiver, second: HttpReceiver
) -> None:
    first.status = None
    on_call = OnCall(tmp_path, first.url, second.url, seconds=0.3)
    began = time.monotonic()
    on_call.look(FAILED, 0)
    assert time.monotonic() - began < 30  # the receiver itself would have taken a minute
    assert second.news() == [("begins", KEY)]
    (problem,) = on_call.manager().problems().values()
    assert "no answer within 0.3 s" in problem or "ReadTimeout" in problem
    on_call.look(WELL, 0.1)
    assert second.news() == [("begins", KEY), ("ends", KEY)]


def test_a_dead_receiver_is_told_of_to_the_others_and_is_told_once_it_is_back(
    tmp_path: Path, first: HttpReceiver, second: HttpReceiver
) -> None:
    first.status = 503
    on_call = OnCall(tmp_path, first.url, second.url)
    for minute in range(6):
        on_call.look(FAILED, minute)
    (name,) = on_call.manager().problems()
    assert second.news() == [("begins", KEY), ("begins", f"receiver_unreachable:{name}")]
    assert "secret-path" not in str(second.messages), "an address is a secret"
    first.status, first.messages = 200, []
    for minute in range(20, 24):
        on_call.look(FAILED, minute)
    assert first.news()[0] == ("begins", KEY)
    assert second.news()[2:] == [("ends", f"receiver_unreachable:{name}")]


def test_a_look_without_receivers_takes_nothing_from_those_that_look_with_them(
    tmp_path: Path, first: HttpReceiver
) -> None:
    on_call, from_outside = OnCall(tmp_path, first.url), OnCall(tmp_path)
    for minute in range(0, 20, 2):
        on_call.look(FAILED, minute)
        from_outside.look(FAILED, minute + 1)
    assert first.news() == [("begins", KEY)]
    from_outside.look(WELL, 21)
    on_call.look(WELL, 22)
    assert first.news() == [("begins", KEY), ("ends", KEY)]


def test_a_receiver_that_is_no_more_is_forgotten_after_a_day(tmp_path: Path, first: HttpReceiver) -> None:
    OnCall(tmp_path, first.url).look(FAILED, 0)
    nobody = OnCall(tmp_path)
    nobody.look(WELL, 1)
    assert "run_failed" in (tmp_path / "memory.json").read_text()
    nobody.look(WELL, 24 * 60 + 2)
    assert "run_failed" not in (tmp_path / "memory.json").read_text()


def test_a_clock_that_was_set_back_silences_nobody(tmp_path: Path, first: HttpReceiver) -> None:
    first.status = 500
    on_call = OnCall(tmp_path, first.url)
    on_call.look(FAILED, 600)
    first.status, first.messages = 200, []
    on_call.look(FAILED, 0)
    assert first.news() == [("begins", KEY)]


def test_of_what_ended_before_it_could_be_told_nobody_hears(tmp_path: Path, first: HttpReceiver) -> None:
    first.status = 500
    on_call = OnCall(tmp_path, first.url)
    on_call.look(FAILED, 0)
    first.status, first.messages = 200, []
    for minute in (1, 2, 30):
        on_call.look(WELL, minute)
    assert first.messages == []
    assert on_call.manager().open_incidents() == []


def test_a_dead_receiver_is_tried_later_and_later(tmp_path: Path, first: HttpReceiver) -> None:
    first.status = 500
    on_call = OnCall(tmp_path, first.url)
    for half_minute in range(120):
        on_call.look(FAILED, half_minute / 2)
    assert len(first.messages) < 10


def test_lost_or_torn_memory_tells_once_more_what_goes_on(tmp_path: Path, first: HttpReceiver) -> None:
    on_call = OnCall(tmp_path, first.url)
    on_call.look(FAILED, 0)
    (tmp_path / "memory.json").write_text('{"incidents": {"run_fai')
    on_call.look(FAILED, 1)
    on_call.look(FAILED, 2)
    assert first.news() == [("begins", KEY)] * 2


def test_two_that_look_at_once_tell_once(tmp_path: Path, first: HttpReceiver) -> None:
    on_call = OnCall(tmp_path, first.url)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: on_call.look(FAILED, 0), range(6)))
    assert first.news() == [("begins", KEY)]
