"""The workspace as we call it: how it is reached, and the parts of its API that we use."""

from collections.abc import Callable
from typing import Any, TypeVar

from databricks.sdk.core import Config
from databricks.sdk.errors import NotFound
from databricks.sdk.service.catalog import (
    CatalogsAPI,
    FunctionsAPI,
    MetastoresAPI,
    SchemasAPI,
    TablesAPI,
    VolumesAPI,
)
from databricks.sdk.service.compute import ClusterPoliciesAPI
from databricks.sdk.service.files import FilesAPI
from databricks.sdk.service.iam import CurrentUserAPI
from databricks.sdk.service.jobs import JobsAPI
from databricks.sdk.service.sql import StatementExecutionAPI
from databricks.sdk.service.workspace import SecretsAPI

from fitness_assets.databricks.retry import RetryingApiClient
from fitness_assets.errors import SettingError
from fitness_assets.settings.databricks import WorkspaceSettings

_T = TypeVar("_T")


class Client:
    """A workspace; every call outlasts a bad network.

    Args:
        retry_seconds: for how long a call is tried again.
    """

    def __init__(self, config: Config, retry_seconds: float) -> None:
        self.host = str(config.host)
        self.api_client = RetryingApiClient(config, retry_seconds)
        self.jobs = self._api(JobsAPI)
        self.files = self._api(FilesAPI)
        self.metastores = self._api(MetastoresAPI)
        self.catalogs = self._api(CatalogsAPI)
        self.schemas = self._api(SchemasAPI)
        self.volumes = self._api(VolumesAPI)
        self.functions = self._api(FunctionsAPI)
        self.tables = self._api(TablesAPI)
        self.cluster_policies = self._api(ClusterPoliciesAPI)
        self.secrets = self._api(SecretsAPI)
        self.current_user = self._api(CurrentUserAPI)
        self.statement_execution = self._api(StatementExecutionAPI)

    @classmethod
    def from_env(cls, retry_seconds: float) -> "Client":
        """The workspace that the SDK's own settings name, by whatever way of signing in it knows.

        Raises:
            SettingError: there is no address, or no way to sign in.
        """
        return cls(_config(), retry_seconds)

    def _api(self, api_type: type[_T]) -> _T:
        create: Any = api_type
        api: _T = create(self.api_client)
        return api


def get_or_none(call: Callable[[], _T]) -> _T | None:
    """What `call` gives, or None where the workspace has no such thing."""
    try:
        return call()
    except NotFound:
        return None


def _config() -> Config:
    no_host = SettingError(
        "DATABRICKS_HOST is not set: it is the workspace's address, such as "
        "https://adb-1234567890123456.7.azuredatabricks.net."
    )
    try:
        # The SDK itself tries again only for a moment: how long in all is the client's `retry_seconds`.
        config = Config(product="fitness_assets", product_version="0.1.0", retry_timeout_seconds=1)
    except ValueError as error:
        if not WorkspaceSettings.from_env().is_named:
            raise no_host from None
        raise SettingError(
            f"Databricks credentials are missing or wrong: set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and "
            f"DATABRICKS_CLIENT_SECRET of a service principal ({str(error).splitlines()[0]})."
        ) from None
    if not config.host:
        raise no_host
    return config
