"""The receivers that the settings name."""

from fitness_assets.alerts.receivers.email import EmailReceiver
from fitness_assets.alerts.receivers.interface import Receiver
from fitness_assets.alerts.receivers.webhook import FORMS, WebhookReceiver
from fitness_assets.settings.alerts import AlertSettings


def receivers(settings: AlertSettings) -> list[Receiver]:
    """Everybody who is told."""
    made: list[Receiver] = [WebhookReceiver(webhook, FORMS[webhook.kind], settings) for webhook in settings.webhooks]
    return [*made, *(EmailReceiver(address, settings) for address in settings.email_to)]
