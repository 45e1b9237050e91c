"""The change data feed of a table in a folder, read without Spark."""

import pyarrow as pa
from deltalake import DeltaTable

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse.rows.change_feed import FEED_FIELDS


def read_change_feed(delta: DeltaTable, table: Table, after: int, until: int) -> pa.Table:
    """The rows that the versions in (after, until] added, changed and removed."""
    feed = pa.table(delta.load_cdf(starting_version=after + 1, ending_version=until))
    schema = pa.schema([*arrow_schema(table), *FEED_FIELDS])
    return feed.select(schema.names).cast(schema)
