"""What runs on the workspace, where things lie there, and how it is reached."""

from pathlib import PurePosixPath
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from fitness_assets.errors import SettingError
from fitness_assets.settings.environment import EnvironmentSettings
from fitness_assets.settings.fields import Count, DayText, DefaultText, EnvironmentName, MustBe, NeededBy, Seconds

SERVERLESS: Final = "serverless"
EXISTING: Final = "existing"
JOB: Final = "job"
_TARGET = "FITNESS_TARGET=databricks"


def _environment_name(validated: dict[str, Any]) -> str:
    return str(validated["environment"])


class DatabricksSettings(EnvironmentSettings):
    """The workspace, the compute and the zones of one environment.

    Attributes:
        catalog: the catalog of the tables, in which the volumes lie too.
        compute: `serverless`, `existing` (`cluster_id`) or `job` (a new cluster for each run, under `policy_id`).
        wheel: our wheel: a file here, which is uploaded, or one in a volume.
        wheels: a folder here of the wheels that ours needs; empty where the workspace gets them itself.
        secret_scope: whose secrets are settings of the remote run; each key is the name of one.
        poll_seconds: how often the run is asked about.
        patience_seconds: for how long a workspace that does not answer is tried again.
        timeout_seconds: after which the workspace ends a run; 0 for never.
    """

    environment: EnvironmentName = Field(
        default="dev", validation_alias="FITNESS_ENV", description="`dev`, `qa` or `prod`"
    )
    catalog: Annotated[str, DefaultText("the environment")] = Field(
        default_factory=_environment_name,
        validation_alias="FITNESS_CATALOG",
        description="the catalog; tables are `catalog.schema.table`, zones are volumes of its `bronz_db`",
    )
    wheel: Annotated[str, NeededBy(_TARGET), DefaultText("must be set")] = Field(
        validation_alias="FITNESS_WHEEL",
        description="our wheel: a file, which is uploaded under a folder of its content, or one in a volume "
        "(`/Volumes/…`)",
    )
    wheels: Annotated[str, DefaultText("the workspace's registry")] = Field(
        default="",
        validation_alias="FITNESS_WHEELS",
        description="a folder of the wheels that ours needs, for a workspace that reaches no registry; they are "
        "uploaded and installed with it",
    )
    compute: Annotated[Literal["serverless", "existing", "job"], MustBe(f"{SERVERLESS}, {EXISTING} or {JOB}")] = Field(
        default=SERVERLESS,
        validation_alias="FITNESS_COMPUTE",
        description="`serverless`, `existing` or `job`",
    )
    cluster_id: str = Field(
        default="", validation_alias="FITNESS_CLUSTER_ID", description="the cluster, for `existing`"
    )
    policy_id: Annotated[str, DefaultText("no policy")] = Field(
        default="", validation_alias="FITNESS_CLUSTER_POLICY_ID", description="the policy of a run's cluster, for `job`"
    )
    budget_policy_id: Annotated[str, DefaultText("none")] = Field(
        default="",
        validation_alias="FITNESS_BUDGET_POLICY_ID",
        description="the budget policy that a run on serverless compute is billed to; its costs have the tags of it",
    )
    node_type: str = Field(
        default="Standard_D4ds_v5",
        validation_alias="FITNESS_NODE_TYPE",
        description="the machines of a run's cluster, for `job`",
    )
    workers: Count = Field(
        default=2, validation_alias="FITNESS_WORKERS", description="how many there are beside the driver, for `job`"
    )
    spark_version: str = Field(
        default="17.3.x-scala2.13",
        validation_alias="FITNESS_SPARK_VERSION",
        description="the Databricks runtime of a run's cluster, for `job`",
    )
    secret_scope: Annotated[str, DefaultText("none")] = Field(
        default="",
        validation_alias="FITNESS_SECRET_SCOPE",
        description="a scope whose keys are settings of the run, such as `KAFKA_BOOTSTRAP_SERVERS`",
    )
    as_of: Annotated[DayText, DefaultText("today in UTC")] = Field(
        default="", validation_alias="FITNESS_AS_OF", description="the day ages are counted on"
    )
    tables_location: Annotated[str, DefaultText("managed tables")] = Field(
        default="",
        validation_alias="FITNESS_TABLES_LOCATION",
        description="where tables lie, as a URI, if they are to be external",
    )
    poll_seconds: Seconds = Field(
        default=5.0, validation_alias="FITNESS_POLL_SECONDS", description="how often a run is asked about"
    )
    patience_seconds: Seconds = Field(
        default=600.0,
        validation_alias="FITNESS_PATIENCE_SECONDS",
        description="for how long a workspace that does not answer is tried again",
    )
    timeout_seconds: Annotated[Count, DefaultText("never")] = Field(
        default=0,
        validation_alias="FITNESS_RUN_TIMEOUT_SECONDS",
        description="after how many seconds the workspace ends a run",
    )

    @classmethod
    def from_env(cls, compute: str | None = None) -> "DatabricksSettings":
        """The settings of this process.

        Args:
            compute: instead of that of `FITNESS_COMPUTE`.

        Raises:
            SettingError: one is missing or cannot be understood; the message names it.
        """
        return cls._read(compute=compute)

    @model_validator(mode="after")
    def _has_cluster(self) -> "DatabricksSettings":
        if self.compute == EXISTING and not self.cluster_id:
            raise SettingError(f"FITNESS_CLUSTER_ID is not set; {_TARGET} needs it: FITNESS_COMPUTE is existing.")
        return self

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


class WorkspaceSettings(EnvironmentSettings):
    """Which workspace the Databricks SDK is told of; it reads all else that it needs itself."""

    host: str | None = Field(
        default=None,
        validation_alias="DATABRICKS_HOST",
        description="the workspace; how to sign in is what the Databricks SDK reads: `DATABRICKS_TOKEN`, or "
        "`DATABRICKS_CLIENT_ID` and `DATABRICKS_CLIENT_SECRET`",
    )
    profile: Annotated[str | None, DefaultText("none")] = Field(
        default=None,
        validation_alias="DATABRICKS_CONFIG_PROFILE",
        description="instead of these a profile of the Databricks CLI",
    )

    @classmethod
    def from_env(cls) -> "WorkspaceSettings":
        """The settings of this process."""
        return cls._read()

    @property
    def is_named(self) -> bool:
        """Whether a workspace is named in either way."""
        return bool(self.host or self.profile)
