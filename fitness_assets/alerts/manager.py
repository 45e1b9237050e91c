"""Sees to it that each receiver hears of each incident: when it begins, again while it goes on, and when it ends."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Thread

from fitness_assets.alerts.facts import Facts
from fitness_assets.alerts.incidents import (
    Incident,
    Notification,
    followed_by,
    open_incidents,
)
from fitness_assets.alerts.memory import Failures, Memory, read_memory, write_memory
from fitness_assets.alerts.receivers import Receiver, receivers
from fitness_assets.alerts.rules import evaluate
from fitness_assets.errors import AlertError, error_summary
from fitness_assets.settings import Settings
from fitness_assets.settings.alerts import AlertSettings
from fitness_assets.storage import Storage, open_storage

_FIRST_BACKOFF = timedelta(seconds=30)
_LONGEST_BACKOFF = timedelta(minutes=15)
_MOST_DOUBLINGS = 10
_UNREACHABLE_AFTER = 3
_LEASE = "manager.lock"
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class Change:
    """An incident that began, or ended, with this look."""

    incident: Incident
    has_begun: bool


class AlertManager:
    """The incidents of one platform.

    Args:
        storage: where what is remembered lies.
    """

    def __init__(self, storage: Storage, settings: AlertSettings, receivers: Sequence[Receiver]) -> None:
        self._storage = storage
        self._settings = settings
        self._receivers = {receiver.name: receiver for receiver in receivers}

    def observe(self, look: Callable[[], Facts]) -> list[Change]:
        """Look once, tell whoever is to be told, and remember it. Two processes that do so take turns.

        Whoever is killed between telling and remembering tells it again: a message may come twice, and is never lost.

        Returns:
            What began and what ended.

        Raises:
            LockTimeoutError: another process is at it and does not finish.
        """
        with self._storage.lease(_LEASE, "The alerts", _PATIENCE_SECONDS):
            before = read_memory(self._storage)
            facts = replace(look(), receiver_problems=self._problems(before))
            trends = before.trends.with_facts(facts, timedelta(minutes=self._settings.window_minutes))
            alerts = evaluate(facts, self._settings, trends)
            incidents = followed_by(before.incidents, alerts, facts.unknown_rules, facts.at)
            failures = {name: failed for name, failed in before.failures.items() if name in self._receivers}
            memory = Memory(incidents, trends, failures)
            write_memory(self._storage, memory)
            self._tell_all(memory, facts.at)
        return _changes(before.incidents, incidents)

    def open_incidents(self) -> list[Incident]:
        """What is wrong as of the last look, the oldest first."""
        return list(open_incidents(read_memory(self._storage).incidents))

    def acknowledge(self, names: Sequence[str], now: datetime) -> list[Incident]:
        """Somebody sees to these incidents: nobody is reminded of them until they end; the incidents.

        Args:
            names: the id of each, or the name of its rule for all that the rule says.

        Raises:
            AlertError: there is none of a name; then nothing is changed.
            LockTimeoutError: another process looks and does not finish.
        """
        with self._storage.lease(_LEASE, "The alerts", _PATIENCE_SECONDS):
            memory = read_memory(self._storage)
            going_on = list(open_incidents(memory.incidents))
            known = {name for one in going_on for name in (one.alert.id, one.alert.rule)}
            if unknown := [name for name in names if name not in known]:
                raise AlertError(
                    f"Nothing that is wrong now has the id {', '.join(unknown)}. fitness-assets alerts list has the "
                    f"ids."
                )
            chosen = [one for one in going_on if {one.alert.id, one.alert.rule} & {*names}]
            acknowledged = [replace(one, acknowledged_at=one.acknowledged_at or now) for one in chosen]
            incidents = memory.incidents | {one.alert.key: one for one in acknowledged}
            write_memory(self._storage, replace(memory, incidents=incidents))
        return acknowledged

    def last_look(self) -> datetime | None:
        """When somebody last looked, UTC; None where nobody ever did."""
        return read_memory(self._storage).trends.last_look

    def problems(self) -> dict[str, str]:
        """Why a receiver could not be told lately, by its name."""
        return {name: failed.problem for name, failed in read_memory(self._storage).failures.items()}

    def _problems(self, memory: Memory) -> dict[str, str]:
        return {
            name: failed.problem
            for name, failed in memory.failures.items()
            if failed.count >= _UNREACHABLE_AFTER and name in self._receivers
        }

    def _tell_all(self, memory: Memory, now: datetime) -> None:
        """Tell every receiver at once. One that hangs keeps none of the others, nor the next look, for long."""
        remind_after = timedelta(hours=self._settings.remind_hours)
        calls: dict[str, tuple[dict[str, Notification], Future[None]]] = {}
        for name, receiver in self._receivers.items():
            news = {key: one.news_for(name, now, remind_after) for key, one in memory.incidents.items()}
            due = {key: notification for key, notification in news.items() if notification}
            if due and not _is_backing_off(memory.failures.get(name), now):
                calls[name] = due, _start(receiver, list(due.values()))
        until = time.monotonic() + self._settings.receiver_seconds
        for name, (due, call) in calls.items():
            try:
                call.result(max(until - time.monotonic(), 0))
            except Exception as error:  # whatever it is, the others are told, and somebody will be told of it
                count = memory.failures[name].count + 1 if name in memory.failures else 1
                problem = f"no answer within {self._settings.receiver_seconds:g} s" if not call.done() else ""
                failures = memory.failures | {name: Failures(count, now, problem or error_summary(error))}
                memory = replace(memory, failures=failures)
            else:
                told = {key: memory.incidents[key].after(name, due[key].news, now) for key in due}
                failures = {other: failed for other, failed in memory.failures.items() if other != name}
                memory = replace(memory, incidents=memory.incidents | told, failures=failures)
            write_memory(self._storage, memory)


def open_alerts() -> AlertManager:
    """The alerts of this process's settings. What is remembered lies on the machine that looks.

    Raises:
        SettingError: a setting cannot be understood.
    """
    settings = AlertSettings.from_env()
    return AlertManager(open_storage(Settings.from_env().base_dir / "alerts"), settings, receivers(settings))


def _start(receiver: Receiver, notifications: Sequence[Notification]) -> "Future[None]":
    """A call in a thread that no process waits for at its end: a receiver may never answer."""
    call: Future[None] = Future()

    def send() -> None:
        try:
            receiver.send(notifications)
        except Exception as error:  # whatever it is, who waits for the call is given it
            call.set_exception(error)
        else:
            call.set_result(None)

    Thread(target=send, name=receiver.name, daemon=True).start()
    return call


def _is_backing_off(failures: Failures | None, now: datetime) -> bool:
    # A clock that was set back says nothing of how long ago it was.
    if failures is None or now < failures.at:
        return False
    doublings = min(failures.count - 1, _MOST_DOUBLINGS)
    return now - failures.at < min(_FIRST_BACKOFF * (1 << doublings), _LONGEST_BACKOFF)


def _changes(before: dict[str, Incident], after: dict[str, Incident]) -> list[Change]:
    was_open = {incident.alert.key: incident for incident in open_incidents(before)}
    is_open = {incident.alert.key: incident for incident in open_incidents(after)}
    begun = [Change(incident, True) for key, incident in is_open.items() if key not in was_open]
    return begun + [Change(incident, False) for key, incident in was_open.items() if key not in is_open]
