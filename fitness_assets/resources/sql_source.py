"""The database that registrations and gym logins come from."""

from dagster import ConfigurableResource

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.settings import Settings
from fitness_assets.settings.dagster import DagsterSettings, Target
from fitness_assets.settings.environment import is_set
from fitness_assets.settings.sql_source import URL_VARIABLE
from fitness_assets.sql_source.extract import ExtractionResult, extract
from fitness_assets.sql_source.look import may_have_news
from fitness_assets.sql_source.settings import SqlSource
from fitness_assets.sql_source.zones import Zones, zones_of


class SqlSourceResource(ConfigurableResource[SqlSource]):
    """The database that `FITNESS_SQL_URL` names, and the landing zone that its rows go to.

    The database is read from this machine. Where updates happen on a workspace its volumes are the zones.
    """

    @property
    def is_configured(self) -> bool:
        return is_set(URL_VARIABLE)

    def may_have_news(self) -> bool:
        """Whether an extraction may land something; False where no database is configured.

        Raises:
            SettingError: a setting of the source cannot be understood.
            SqlSourceError: the source cannot be read, or the ledger.
        """
        source = SqlSource.from_env()
        return source is not None and may_have_news(Settings.from_env(), source)

    def extract(self, folder: FileFeed, whole: bool) -> ExtractionResult | None:
        """Land what is new or changed for a folder; None where no database is configured.

        Args:
            whole: read the whole table although a rowversion says what changed.

        Raises:
            SettingError: a setting of the source cannot be understood.
            SqlSourceError: the source cannot be read, or the ledger.
            WorkspaceError: the workspace of the zones does not answer or refuses us.
            LockTimeoutError: another process extracts the table and does not finish.
        """
        source = SqlSource.from_env()
        return extract(self._zones(), source, folder, whole) if source else None

    def _zones(self) -> Zones:
        if DagsterSettings.from_env().target is not Target.DATABRICKS:
            return zones_of(Settings.from_env())
        # Whoever runs locally does not pay for the SDK's import.
        from fitness_assets.databricks.volume_storage import workspace_zones
        from fitness_assets.settings.databricks import DatabricksSettings

        return workspace_zones(DatabricksSettings.from_env())
