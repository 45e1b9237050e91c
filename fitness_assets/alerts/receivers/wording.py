"""A notification in words, the same for all receivers."""

from collections.abc import Sequence

from fitness_assets.alerts.incidents import News, Notification

_MARKS = {News.BEGINS: "ALERT", News.GOES_ON: "STILL", News.ACKNOWLEDGED: "TAKEN", News.ENDS: "OVER"}


def title(notifications: Sequence[Notification], environment: str) -> str:
    """One line for all of them."""
    first = headline(notifications[0])
    more = f" and {len(notifications) - 1} more" if len(notifications) > 1 else ""
    return f"fitness_assets {environment}: {first}{more}"


def headline(notification: Notification) -> str:
    """Such as `ALERT lag growing: bpm`."""
    rule = notification.alert.rule.replace("_", " ")
    return f"{_MARKS[notification.news]} {rule}: {notification.alert.subject}"


def period(notification: Notification) -> str:
    """Since when, or from when to when (UTC)."""
    since = f"{notification.since:%Y-%m-%d %H:%M}"
    if notification.ended_at is None:
        return f"since {since} UTC"
    return f"from {since} to {notification.ended_at:%Y-%m-%d %H:%M} UTC"


def sentences(notification: Notification) -> str:
    """What was wrong, and what to do where it still is."""
    alert = notification.alert
    return alert.summary if notification.news is News.ENDS else f"{alert.summary} {alert.advice}"


def link(notification: Notification, ui_url: str) -> str:
    """The page that shows it; empty where nobody said where the UI is."""
    return f"{ui_url.rstrip('/')}{notification.alert.path}" if ui_url and notification.alert.path else ""
