"""Those who are told: webhooks that take plain JSON, Slack's and Teams' forms of them, and e-mail."""

from fitness_assets.alerts.receivers.factory import receivers
from fitness_assets.alerts.receivers.interface import Receiver

__all__ = ["Receiver", "receivers"]
