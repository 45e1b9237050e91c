"""What the dashboard shows."""

from typing import Annotated

from pydantic import Field

from fitness_assets.settings.environment import EnvironmentSettings
from fitness_assets.settings.fields import DefaultText, Flag


class DashboardSettings(EnvironmentSettings):
    """What the dashboard shows of people."""

    shows_names: Annotated[Flag, DefaultText("they are masked")] = Field(
        default=False,
        validation_alias="FITNESS_SHOW_NAMES",
        description="`1` shows names and addresses on the dashboard",
    )

    @classmethod
    def from_env(cls) -> "DashboardSettings":
        """The settings of this process.

        Raises:
            SettingError: one of them cannot be understood.
        """
        return cls._read()
