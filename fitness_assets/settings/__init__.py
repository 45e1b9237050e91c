"""All settings, as typed models that read the environment when they are asked, and never at import."""

from fitness_assets.settings.fields import ENVIRONMENTS
from fitness_assets.settings.kafka import KafkaSettings
from fitness_assets.settings.platform import CHECKOUT, Settings

__all__ = ["CHECKOUT", "ENVIRONMENTS", "KafkaSettings", "Settings"]
