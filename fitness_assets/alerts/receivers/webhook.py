"""Messages by POST, in the form that their receiver reads."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import requests

from fitness_assets.alerts.incidents import Notification
from fitness_assets.alerts.receivers.wording import headline, link, period, sentences, title
from fitness_assets.errors import ReceiverError
from fitness_assets.settings.alerts import AlertSettings, Webhook

Form = Callable[[Sequence[Notification], AlertSettings], dict[str, Any]]
_SLACK_SENTENCES = 2_000
"""Slack refuses a section of more than 3,000 characters."""
_TEAMS_SENTENCES = 1_000
_MOST = 20
"""So many are told in full: Slack takes 50 blocks, Teams 28 KB."""


class WebhookReceiver:
    """One address. Its name has its host alone, for the address itself is a secret."""

    def __init__(self, webhook: Webhook, form: Form, settings: AlertSettings) -> None:
        self._url = webhook.url.get_secret_value()
        self._form = form
        self._settings = settings
        digest = hashlib.sha256(self._url.encode()).hexdigest()[:6]
        self.name = f"{webhook.kind} {urlsplit(self._url).hostname} ({digest})"

    def send(self, notifications: Sequence[Notification]) -> None:
        """
        Raises:
            ReceiverError: it cannot be reached, or answers with an error.
        """
        try:
            response = requests.post(
                self._url,
                json=self._form(notifications, self._settings),
                timeout=self._settings.receiver_seconds,
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            # The text of the error names the address, which is a secret.
            raise ReceiverError(f"{self.name} cannot be reached ({type(error).__name__}).") from None
        response.close()
        if not 200 <= response.status_code < 300:
            raise ReceiverError(f"{self.name} answered {response.status_code} {response.reason}.")


def json_form(notifications: Sequence[Notification], settings: AlertSettings) -> dict[str, Any]:
    """Plain fields, for a program; docs/on-call.md names them."""
    return {
        "source": "fitness_assets",
        "environment": settings.environment,
        "title": title(notifications, settings.environment),
        "notifications": [
            {
                "id": f"{notification.alert.key} {notification.since.isoformat()}",
                "news": notification.news.value,
                "rule": notification.alert.rule,
                "subject": notification.alert.subject,
                "summary": notification.alert.summary,
                "advice": notification.alert.advice,
                "since": notification.since.isoformat(),
                "ended_at": notification.ended_at.isoformat() if notification.ended_at else None,
                "link": link(notification, settings.ui_url) or None,
            }
            for notification in notifications
        ],
    }


def slack_form(notifications: Sequence[Notification], settings: AlertSettings) -> dict[str, Any]:
    """Slack's blocks; `text` is what a phone shows."""
    blocks = [_slack_block(notification, settings) for notification in notifications[:_MOST]]
    if len(notifications) > _MOST:
        blocks.append(_slack_section(_more(notifications)))
    return {"text": _slack_escaped(title(notifications, settings.environment)), "blocks": blocks}


def teams_form(notifications: Sequence[Notification], settings: AlertSettings) -> dict[str, Any]:
    """An adaptive card, which workflows of Teams post."""
    heading = _without_links(title(notifications, settings.environment))
    body: list[dict[str, Any]] = [_teams_text(heading, size="Large", weight="Bolder")]
    for notification in notifications[:_MOST]:
        headed = f"{headline(notification)} ({period(notification)})"
        body.append(_teams_text(_without_links(headed), weight="Bolder", separator=True))
        body.append(_teams_text(_without_links(sentences(notification))[:_TEAMS_SENTENCES]))
        if url := link(notification, settings.ui_url):
            body.append(_teams_text(f"[Open in Dagster]({url})"))
    if len(notifications) > _MOST:
        body.append(_teams_text(_more(notifications)))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


FORMS: dict[str, Form] = {"json": json_form, "slack": slack_form, "teams": teams_form}
"""By the kind of webhook."""


def _slack_block(notification: Notification, settings: AlertSettings) -> dict[str, Any]:
    lines = [f"*{_slack_escaped(headline(notification))}* ({period(notification)})"]
    lines.append(_slack_escaped(sentences(notification))[:_SLACK_SENTENCES])
    if url := link(notification, settings.ui_url):
        lines.append(f"<{url}|Open in Dagster>")
    return _slack_section("\n".join(lines))


def _slack_section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _slack_escaped(text: str) -> str:
    """What a message contains must not become a mention or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams_text(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, **style}


def _without_links(text: str) -> str:
    """What a message contains must not become a link."""
    return text.replace("](", "] (")


def _more(notifications: Sequence[Notification]) -> str:
    return f"and {len(notifications) - _MOST:,} more: fitness-assets alerts"
