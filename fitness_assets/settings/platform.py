"""Where the zones and the tables lie, and what day it is."""

from datetime import date, datetime, timezone
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from fitness_assets.settings.environment import EnvironmentSettings
from fitness_assets.settings.fields import AbsolutePath, Day, DefaultText, EnvironmentName, TablePath
from fitness_assets.settings.kafka import KafkaSettings

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def default_base_dir(environment: str) -> Path:
    """The folder inside the checkout that git ignores, one for each environment."""
    root = CHECKOUT if (CHECKOUT / "pyproject.toml").exists() else Path.cwd()
    return root / ".fitness" / environment


def _default_base_dir(validated: dict[str, Any]) -> Path:
    return default_base_dir(validated["environment"])


class Settings(EnvironmentSettings):
    """Where the zones and the tables lie, what day it is, and which broker the topics are read from.

    Attributes:
        base_dir: `<base>` of the contract; the data zone and the checkpoint zone lie below it.
        environment: `dev`, `qa` or `prod`; on Databricks also the name of the catalog.
        as_of_override: the day ages are counted on, where it is not today.
        kafka: the broker that topics are read from, or None where records come as files alone.
        catalog: the catalog that the tables are named in (`catalog.schema.table`); None where they are folders.
        landing: the landing zone, where it is not below `<base>`: a volume, or a folder that others may write to.
        checkpoints: the checkpoint zone, where it is not below `<base>`: a volume.
        tables_location: where the tables of a catalog lie, as a URI; None leaves it to the catalog.
    """

    environment: EnvironmentName = Field(
        default="dev", validation_alias="FITNESS_ENV", description="`dev`, `qa` or `prod`"
    )
    base_dir: Annotated[TablePath, DefaultText("`.fitness/<env>` in the checkout")] = Field(
        default_factory=_default_base_dir,
        validation_alias="FITNESS_BASE_DIR",
        description="`<base>`: the data zone and the checkpoint zone lie below it",
    )
    as_of_override: Annotated[Day | None, DefaultText("today in UTC")] = Field(
        default=None, validation_alias="FITNESS_AS_OF", description="the day ages are counted on"
    )
    kafka: KafkaSettings | None = None
    catalog: Annotated[str | None, DefaultText("they are folders")] = Field(
        default=None,
        validation_alias="FITNESS_CATALOG",
        description="the catalog of the tables, which are then `catalog.schema.table`",
    )
    landing: Annotated[AbsolutePath | None, DefaultText("below `<base>`")] = Field(
        default=None,
        validation_alias="FITNESS_LANDING_ZONE",
        description="the landing zone: the volume of a catalog, or a folder that others fill",
    )
    checkpoints: Annotated[TablePath | None, DefaultText("below `<base>`")] = Field(
        default=None,
        validation_alias="FITNESS_CHECKPOINT_ZONE",
        description="the checkpoint zone of a catalog: a volume",
    )
    tables_location: Annotated[str | None, DefaultText("managed tables")] = Field(
        default=None,
        validation_alias="FITNESS_TABLES_LOCATION",
        description="where the tables of a catalog lie, as a URI, if they are to be external",
    )

    @classmethod
    def from_env(cls) -> "Settings":
        """The settings of this process, its broker among them.

        Raises:
            SettingError: one of them cannot be understood.
        """
        settings = cls._read()
        kafka = KafkaSettings.from_env(settings.environment)
        return settings.model_copy(update={"kafka": kafka})

    @property
    def as_of(self) -> date:
        """The day ages are counted on: today in UTC unless it is set (contract, section 6.7)."""
        return self.as_of_override or datetime.now(timezone.utc).date()

    @property
    def data_zone(self) -> Path:
        return self.base_dir / "data_zone"

    @property
    def landing_zone(self) -> Path:
        return self.landing or self.data_zone / "raw"

    @property
    def checkpoint_zone(self) -> Path:
        return self.checkpoints or self.base_dir / "chkpt_zone"
