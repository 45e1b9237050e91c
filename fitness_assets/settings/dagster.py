"""What Dagster does by itself, where updates happen, and where its links lead."""

from enum import Enum
from typing import Annotated

from pydantic import Field

from fitness_assets.settings.environment import EnvironmentSettings
from fitness_assets.settings.fields import CountAboveZero, DefaultText, Flag, MustBe


class Target(Enum):
    """Where updates happen; the value is that of `FITNESS_TARGET`."""

    LOCAL = "local"
    DATABRICKS = "databricks"


class DagsterSettings(EnvironmentSettings):
    """The wiring of the assets.

    Attributes:
        is_automatic: sensors and schedules are on from the start; otherwise a click turns them on.
        max_runs: so many finished runs are kept at most.
        code_url: where the checkout can be read on the web; None where links lead to files of this machine.
    """

    target: Annotated[Target, MustBe("local or databricks"), DefaultText("`local`")] = Field(
        default=Target.LOCAL,
        validation_alias="FITNESS_TARGET",
        description="where updates happen: `local` or `databricks`",
    )
    is_automatic: Annotated[Flag, DefaultText("a click turns them on")] = Field(
        default=False,
        validation_alias="FITNESS_AUTOMATIC",
        description="`1` turns Dagster's sensors and schedules on from the start",
    )
    max_runs: CountAboveZero = Field(
        default=1_000,
        validation_alias="FITNESS_DAGSTER_RUNS",
        description="how many runs that succeeded Dagster keeps at most, beside those that it shows as the latest",
    )
    code_url: Annotated[str | None, DefaultText("they open an editor")] = Field(
        default=None,
        validation_alias="FITNESS_CODE_URL",
        description="where the code is on the web, for Dagster's links",
    )

    @classmethod
    def from_env(cls) -> "DagsterSettings":
        """The settings of this process.

        Raises:
            SettingError: one of them cannot be understood.
        """
        return cls._read()
