"""A look at the source before an extraction: whether one may find something."""

from fitness_assets.contracts.feeds import FileFeed
from fitness_assets.settings import Settings
from fitness_assets.sql_source.connection import open_connection
from fitness_assets.sql_source.extract import start_bound
from fitness_assets.sql_source.feeds import EXTRACTED_FEEDS, state_prefix
from fitness_assets.sql_source.ledger_state import listed_parts, read_ledger_state
from fitness_assets.sql_source.settings import SqlSource
from fitness_assets.sql_source.tables import current_bound, find_table, rows_statement
from fitness_assets.storage import open_storage


def may_have_news(settings: Settings, source: SqlSource) -> bool:
    """Whether an extraction may land something.

    It may not where each table has a rowversion that no row has passed since the last extraction, and everything that
    was planned is landed. A table without one has to be read whole to find out.

    Raises:
        SqlSourceError: the source cannot be read, or the ledger.
    """
    return any(_may_have_news(settings, source, feed) for feed in EXTRACTED_FEEDS)


def _may_have_news(settings: Settings, source: SqlSource, feed: FileFeed) -> bool:
    storage, prefix = open_storage(settings.checkpoint_zone), state_prefix(feed)
    state = read_ledger_state(storage, prefix)
    is_all_landed = all(part.last <= state.landed_through for part in listed_parts(storage, prefix))
    with open_connection(source) as connection:
        source_table = find_table(connection, source, feed)
        until = current_bound(connection, source_table)
        since = start_bound(state.bound, until)
        if since is None or not is_all_landed:
            return True
        statement = rows_statement(source_table, connection.dialect.name, since, until).limit(1)
        return connection.execute(statement).first() is not None
