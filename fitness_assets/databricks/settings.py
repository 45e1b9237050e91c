"""What runs on the workspace and where things lie there, from the environment alone, read when it is needed."""

import os
from dataclasses import dataclass
from pathlib import PurePosixPath

from fitness_assets.errors import SettingError
from fitness_assets.settings import ENVIRONMENTS

SERVERLESS, EXISTING, JOB = "serverless", "existing", "job"


@dataclass(frozen=True)
class DatabricksSettings:
    """The workspace, the compute and the zones of one environment.

    Attributes:
        catalog: the catalog of the tables, in which the volumes lie too.
        compute: `serverless`, `existing` (`cluster_id`) or `job` (a new cluster for each run, under `policy_id`).
        wheel: our wheel: a file here, which is uploaded, or one in a volume.
        secret_scope: whose secrets are settings of the remote run; each key is the name of one.
        poll_seconds: how often the run is asked about.
        patience_seconds: for how long a workspace that does not answer is tried again.
        timeout_seconds: after which the workspace ends a run; 0 for never.
    """

    catalog: str
    environment: str
    wheel: str
    compute: str = SERVERLESS
    cluster_id: str = ""
    policy_id: str = ""
    node_type: str = "Standard_D4ds_v5"
    workers: int = 2
    spark_version: str = "17.3.x-scala2.13"
    secret_scope: str = ""
    as_of: str = ""
    tables_location: str = ""
    poll_seconds: float = 5.0
    patience_seconds: float = 600.0
    timeout_seconds: int = 0

    @classmethod
    def from_env(cls) -> "DatabricksSettings":
        """Read the settings.

        Raises:
            SettingError: one is missing or cannot be understood; the message names it.
        """
        environment = os.environ.get("FITNESS_ENV", "dev")
        if environment not in ENVIRONMENTS:
            raise SettingError(f"FITNESS_ENV is {environment!r}; it must be one of {', '.join(ENVIRONMENTS)}.")
        compute = os.environ.get("FITNESS_COMPUTE", SERVERLESS)
        if compute not in (SERVERLESS, EXISTING, JOB):
            raise SettingError(f"FITNESS_COMPUTE is {compute!r}; it must be {SERVERLESS}, {EXISTING} or {JOB}.")
        return cls(
            catalog=os.environ.get("FITNESS_CATALOG") or environment,
            environment=environment,
            wheel=_needed("FITNESS_WHEEL", "our wheel, a file here or in a volume (/Volumes/...)"),
            compute=compute,
            cluster_id=_needed("FITNESS_CLUSTER_ID", "FITNESS_COMPUTE is existing") if compute == EXISTING else "",
            policy_id=os.environ.get("FITNESS_CLUSTER_POLICY_ID", ""),
            node_type=os.environ.get("FITNESS_NODE_TYPE", cls.node_type),
            workers=int(_number("FITNESS_WORKERS", cls.workers)),
            spark_version=os.environ.get("FITNESS_SPARK_VERSION", cls.spark_version),
            secret_scope=os.environ.get("FITNESS_SECRET_SCOPE", ""),
            as_of=os.environ.get("FITNESS_AS_OF", ""),
            tables_location=os.environ.get("FITNESS_TABLES_LOCATION", ""),
            poll_seconds=_number("FITNESS_POLL_SECONDS", cls.poll_seconds),
            patience_seconds=_number("FITNESS_PATIENCE_SECONDS", cls.patience_seconds),
            timeout_seconds=int(_number("FITNESS_RUN_TIMEOUT_SECONDS", cls.timeout_seconds)),
        )

    @property
    def landing_zone(self) -> str:
        return self._volume("landing_zone")

    @property
    def checkpoint_zone(self) -> str:
        return self._volume("checkpoint_zone")

    @property
    def messages(self) -> str:
        """The volume through which the remote run and Dagster talk, and that our wheel is uploaded to."""
        return self._volume("pipes_messages")

    def _volume(self, name: str) -> str:
        return str(PurePosixPath("/Volumes") / self.catalog / "bronz_db" / name)


def _needed(name: str, why: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise SettingError(f"{name} is not set; FITNESS_TARGET=databricks needs it: {why}.")
    return value


def _number(name: str, default: float) -> float:
    text = os.environ.get(name)
    try:
        number = float(text) if text else float(default)
    except ValueError:
        number = -1.0
    if number < 0:
        raise SettingError(f"{name} is {text!r}; it must be a number, 0 or more.")
    return number
