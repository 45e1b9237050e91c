"""The workspace as we call it: how it is reached, and the parts of its API that we use."""

import os
from typing import Any, TypeVar

from databricks.sdk.core import Config
from databricks.sdk.service.catalog import CatalogsAPI, FunctionsAPI, SchemasAPI, TablesAPI, VolumesAPI
from databricks.sdk.service.compute import ClusterPoliciesAPI
from databricks.sdk.service.files import FilesAPI
from databricks.sdk.service.iam import CurrentUserAPI
from databricks.sdk.service.jobs import JobsAPI
from databricks.sdk.service.sql import StatementExecutionAPI
from databricks.sdk.service.workspace import SecretsAPI

from fitness_assets.databricks.patience import PatientApi
from fitness_assets.errors import SettingError

_T = TypeVar("_T")


class Client:
    """A workspace; every call outlasts a bad network.

    Args:
        patience: seconds for which a call is tried again.
    """

    def __init__(self, config: Config, patience: float) -> None:
        self.host = str(config.host)
        self.api_client = PatientApi(config, patience)
        self.jobs = self._part(JobsAPI)
        self.files = self._part(FilesAPI)
        self.catalogs = self._part(CatalogsAPI)
        self.schemas = self._part(SchemasAPI)
        self.volumes = self._part(VolumesAPI)
        self.functions = self._part(FunctionsAPI)
        self.tables = self._part(TablesAPI)
        self.cluster_policies = self._part(ClusterPoliciesAPI)
        self.secrets = self._part(SecretsAPI)
        self.current_user = self._part(CurrentUserAPI)
        self.statement_execution = self._part(StatementExecutionAPI)

    @classmethod
    def from_env(cls, patience: float) -> "Client":
        """The workspace that the SDK's own settings name, by whatever way of signing in it knows.

        Raises:
            SettingError: there is no address, or no way to sign in.
        """
        return cls(_config(), patience)

    def _part(self, api: type[_T]) -> _T:
        make: Any = api
        part: _T = make(self.api_client)
        return part


def _config() -> Config:
    no_host = SettingError(
        "DATABRICKS_HOST is not set: it is the workspace's address, such as "
        "https://adb-1234567890123456.7.azuredatabricks.net."
    )
    try:
        # The SDK itself tries again only for a moment: how long in all is the client's patience.
        config = Config(product="fitness_assets", product_version="0.1.0", retry_timeout_seconds=1)
    except ValueError as error:
        if not os.environ.get("DATABRICKS_HOST") and not os.environ.get("DATABRICKS_CONFIG_PROFILE"):
            raise no_host from None
        raise SettingError(
            f"Databricks credentials are missing or wrong: set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and "
            f"DATABRICKS_CLIENT_SECRET of a service principal ({str(error).splitlines()[0]})."
        ) from None
    if not config.host:
        raise no_host
    return config
