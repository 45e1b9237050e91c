"""Settings, from the environment alone, read when they are needed and never at import."""

import os
import tempfile
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path

from fitness_assets.errors import SettingError
from fitness_assets.kafka.settings import KafkaSettings

ENVIRONMENTS = ("dev", "qa", "prod")
CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Where the zones lie and what day it is.

    Attributes:
        base_dir: `<base>` of the contract; the data zone and the checkpoint zone lie below it.
        environment: `dev`, `qa` or `prod`; on Databricks also the name of the catalog.
        as_of_override: the day ages are counted on, where it is not today.
        kafka: the broker that topics are read from, or None where records come as files alone.
        catalog: the catalog that the tables are named in (`catalog.schema.table`); None where they are folders.
        landing: the landing zone, where it is not below `<base>`: a volume.
        checkpoints: the checkpoint zone, where it is not below `<base>`: a volume.
        tables_location: where the tables of a catalog lie, as a URI; None leaves it to the catalog.
    """

    base_dir: Path
    environment: str = "dev"
    as_of_override: date | None = None
    kafka: KafkaSettings | None = None
    catalog: str | None = None
    landing: Path | None = None
    checkpoints: Path | None = None
    tables_location: str | None = None

    @classmethod
    def from_env(cls) -> "Settings":
        """Read `FITNESS_ENV`, `FITNESS_BASE_DIR`, `FITNESS_AS_OF`, `KAFKA_BOOTSTRAP_SERVERS`, `FITNESS_KAFKA_...`, and
        for tables in a catalog `FITNESS_CATALOG`, `FITNESS_LANDING_ZONE`, `FITNESS_CHECKPOINT_ZONE` and
        `FITNESS_TABLES_LOCATION`.

        Raises:
            SettingError: one of them cannot be understood.
        """
        environment = os.environ.get("FITNESS_ENV", "dev")
        if environment not in ENVIRONMENTS:
            raise SettingError(f"FITNESS_ENV is {environment!r}; it must be one of {', '.join(ENVIRONMENTS)}.")
        base = os.environ.get("FITNESS_BASE_DIR")
        base_dir = Path(base).expanduser().absolute() if base else default_base_dir(environment)
        kafka = KafkaSettings.from_env(environment)
        return cls(
            base_dir,
            environment,
            _as_of(os.environ.get("FITNESS_AS_OF")),
            kafka,
            os.environ.get("FITNESS_CATALOG") or None,
            _zone("FITNESS_LANDING_ZONE"),
            _zone("FITNESS_CHECKPOINT_ZONE"),
            os.environ.get("FITNESS_TABLES_LOCATION") or None,
        )

    @property
    def as_of(self) -> date:
        """The day ages are counted on: today in UTC unless it is set (contract, section 6.5)."""
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

    def lock_folder(self, *names: str) -> Path:
        """Where the lock of one writer lies. A volume has no locks: of a catalog's table it lies on this machine, and
        Delta itself makes the slower of two clusters lose."""
        root = Path(tempfile.gettempdir()) / f"fitness_assets_{self.catalog}" if self.catalog else self.checkpoint_zone
        return root.joinpath(*names)


def default_base_dir(environment: str) -> Path:
    """The folder inside the checkout that git ignores, one for each environment."""
    root = CHECKOUT if (CHECKOUT / "pyproject.toml").exists() else Path.cwd()
    return root / ".fitness" / environment


def _zone(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value).expanduser().absolute() if value else None


def _as_of(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingError(f"FITNESS_AS_OF is {text!r}; it must be a day such as 2026-01-31.") from error
