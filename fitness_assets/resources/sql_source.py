"""The database that registrations and gym logins come from."""

from dagster import ConfigurableResource

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.settings import Settings
from fitness_assets.settings.environment import is_set
from fitness_assets.settings.sql_source import URL_VARIABLE
from fitness_assets.sql_source.extract import ExtractionResult, extract
from fitness_assets.sql_source.look import may_have_news
from fitness_assets.sql_source.settings import SqlSource


class SqlSourceResource(ConfigurableResource[SqlSource]):
    """The database that `FITNESS_SQL_URL` names, and the landing zone that its rows go to."""

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
            LockTimeoutError: another process extracts the table and does not finish.
        """
        source = SqlSource.from_env()
        return extract(Settings.from_env(), source, folder, whole) if source else None
