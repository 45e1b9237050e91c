"""Where Spark runs, and what it needs of the machine."""

import shlex
from pathlib import Path
from typing import Annotated

from pydantic import Field

from fitness_assets.settings.environment import EnvironmentSettings
from fitness_assets.settings.fields import DefaultText


class EngineSettings(EnvironmentSettings):
    """Which Spark does the work."""

    remote: Annotated[str, DefaultText("Spark in the process")] = Field(
        default="", validation_alias="SPARK_REMOTE", description="a Spark Connect server to run on"
    )
    master: str = Field(
        default="local[*]",
        validation_alias="FITNESS_MASTER",
        description="a Spark cluster to run on: `spark://…`, `k8s://…`",
    )
    jars: Annotated[Path | None, DefaultText("beside the installed packages")] = Field(
        default=None, validation_alias="FITNESS_JARS", description="where the jars are kept"
    )

    jvm_options: Annotated[str, DefaultText("none")] = Field(
        default="",
        validation_alias="FITNESS_JVM_OPTIONS",
        description="further options for the Java of an engine, as on a command line",
    )

    @classmethod
    def from_env(cls) -> "EngineSettings":
        """The settings of this process."""
        return cls._read()

    @property
    def java_options(self) -> list[str]:
        """The further options of Java, each by itself."""
        return shlex.split(self.jvm_options)

    @property
    def has_master(self) -> bool:
        """Whether a cluster was named at all."""
        return "master" in self.model_fields_set


class MachineSettings(EnvironmentSettings):
    """What other programs of the machine are told by, and we go by too."""

    java_home: Annotated[Path | None, DefaultText("the wheel's Java, or the path's")] = Field(
        default=None, validation_alias="JAVA_HOME", description="a Java, from 17 up"
    )
    ssl_cert_file: Annotated[Path | None, DefaultText("the machine's own")] = Field(
        default=None, validation_alias="SSL_CERT_FILE", description="the certificates to trust when jars are fetched"
    )
    requests_ca_bundle: Annotated[Path | None, DefaultText("the machine's own")] = Field(
        default=None, validation_alias="REQUESTS_CA_BUNDLE", description="the same, as `requests` names it"
    )
    pip_cert: Annotated[Path | None, DefaultText("the machine's own")] = Field(
        default=None, validation_alias="PIP_CERT", description="the same, as `pip` names it"
    )

    databricks_runtime: Annotated[str | None, DefaultText("no machine of theirs")] = Field(
        default=None, validation_alias="DATABRICKS_RUNTIME_VERSION", description="set by Databricks on its clusters"
    )

    serverless: Annotated[str | None, DefaultText("no serverless compute")] = Field(
        default=None, validation_alias="IS_SERVERLESS", description="`TRUE` is set by Databricks on serverless compute"
    )

    @classmethod
    def from_env(cls) -> "MachineSettings":
        """The settings of this process."""
        return cls._read()

    @property
    def certificate_bundles(self) -> list[Path]:
        """The bundles of certificates that variables name, the first before the others."""
        return [path for path in (self.ssl_cert_file, self.requests_ca_bundle, self.pip_cert) if path]


def is_databricks_runtime() -> bool:
    """Whether the engine is Databricks' own. `FITNESS_MASTER` names another one, also on a machine of theirs."""
    return MachineSettings.from_env().databricks_runtime is not None and not EngineSettings.from_env().has_master


def is_serverless() -> bool:
    """Whether this is serverless compute of Databricks."""
    return (MachineSettings.from_env().serverless or "").upper() == "TRUE"
