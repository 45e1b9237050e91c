"""The lag of the topics, looked at again and again for as long as the process lives."""

from functools import cached_property

from fitness_assets.kafka.cluster import Cluster
from fitness_assets.kafka.lag import LagMonitor
from fitness_assets.settings import KafkaSettings, Settings


class KafkaLagWatcher:
    """Watches the lag with one client of the broker, and remembers since when each topic has had some."""

    @property
    def is_configured(self) -> bool:
        """Whether there is a broker to read; no client is made to find out.

        Raises:
            SettingError: a setting of the broker cannot be understood.
        """
        return self._settings is not None

    @cached_property
    def monitor(self) -> LagMonitor | None:
        """The monitor of the configured broker's lag; None where there is none.

        Raises:
            SettingError: a setting of the broker cannot be understood.
            KafkaError: the settings are refused.
        """
        return LagMonitor(Cluster(self._settings), self._settings) if self._settings else None

    @cached_property
    def _settings(self) -> KafkaSettings | None:
        return Settings.from_env().kafka
