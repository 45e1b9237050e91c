"""Incidents: what is wrong, since when, and which receiver knows of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from enum import Enum

from fitness_assets.alerts.alert import Alert

_FORGOTTEN_AFTER = timedelta(days=1)


class News(Enum):
    """What a receiver is told of an incident."""

    BEGINS = "begins"
    GOES_ON = "goes on"
    ACKNOWLEDGED = "acknowledged"
    ENDS = "ends"


@dataclass(frozen=True)
class Notification:
    """One incident as one receiver is to hear of it now."""

    news: News
    alert: Alert
    since: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Incident:
    """An alert from its beginning until everybody who heard of it knows that it is over.

    Attributes:
        since: when it began, UTC.
        ended_at: when it ended, UTC; None while it goes on.
        told: when each receiver was last told that it goes on, by the receiver's name.
        acknowledged_at: since when somebody sees to it, UTC, until it ends; None where nobody does.
    """

    alert: Alert
    since: datetime
    ended_at: datetime | None = None
    told: Mapping[str, datetime] = field(default_factory=dict)
    acknowledged_at: datetime | None = None

    def news_for(self, receiver: str, now: datetime, remind_after: timedelta) -> Notification | None:
        """What a receiver is to be told now. Of what ended before it could be told it hears nothing."""
        told_at = self.told.get(receiver)
        if self.ended_at is not None:
            news = News.ENDS if told_at else None
        elif told_at is None:
            news = News.BEGINS
        elif self.acknowledged_at is not None:
            news = News.ACKNOWLEDGED if told_at < self.acknowledged_at else None
        else:
            news = News.GOES_ON if now - told_at >= remind_after else None
        return Notification(news, self.alert, self.since, self.ended_at) if news else None

    def is_over(self, now: datetime) -> bool:
        """Whether nobody is to hear of it any more: a receiver of whose name nothing is known for a day is no more."""
        return self.ended_at is not None and (not self.told or now - self.ended_at >= _FORGOTTEN_AFTER)

    def after(self, receiver: str, news: News, now: datetime) -> "Incident":
        """The incident once a receiver was told."""
        others = {name: at for name, at in self.told.items() if name != receiver}
        return replace(self, told=others if news is News.ENDS else {**others, receiver: now})


def followed_by(
    incidents: Mapping[str, Incident], alerts: Mapping[str, Alert], unknown_rules: Collection[str], now: datetime
) -> dict[str, Incident]:
    """The incidents as they are now: begun, going on with new figures, ended, and without those that all know ended.

    Args:
        alerts: what is wrong now, by key.
        unknown_rules: of whose alerts nobody knows; they stay as they are.
    """
    following = {}
    for key, incident in incidents.items():
        if key in alerts:
            # One that comes back is nobody's again.
            acknowledged_at = incident.acknowledged_at if incident.ended_at is None else None
            following[key] = replace(incident, alert=alerts[key], ended_at=None, acknowledged_at=acknowledged_at)
        elif incident.alert.rule in unknown_rules or incident.ended_at is not None:
            following[key] = incident
        else:
            following[key] = replace(incident, ended_at=now)
    new = {key: Incident(alert, now) for key, alert in alerts.items() if key not in incidents}
    return {key: one for key, one in (following | new).items() if not one.is_over(now)}


def open_incidents(incidents: Mapping[str, Incident]) -> Iterator[Incident]:
    """Those that go on, the oldest first."""
    going_on = (incident for incident in incidents.values() if incident.ended_at is None)
    return iter(sorted(going_on, key=lambda incident: (incident.since, incident.alert.key)))


def trial_notification() -> Notification:
    """One with which a receiver is tried."""
    alert = Alert("test", "this receiver", "This is a test: nothing is wrong.", "Nothing is to be done.")
    return Notification(News.BEGINS, alert, datetime.now(timezone.utc))
