"""The rows of one person in any table."""

from collections.abc import Iterator

import pyarrow as pa

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.state.erased_rows import DEVICE, MAC, USER, erased_rows, rows_with_ids
from fitness_assets.pipeline.state.erasures import Erasures
from fitness_assets.privacy.person import Person

_ID_COLUMNS = ((USER, "user_id", None), (DEVICE, "device_id", "time"), (MAC, "mac_address", "login"))
"""By which column a row of silver or gold is a person's: the first of these that its table has."""


def only(person: Person) -> Erasures:
    """A person as one who would be forgotten, to look for; nothing of it is kept."""
    erasures = Erasures(key=b"looking")
    return Erasures(erasures.key, (person.erasure(erasures),))


def rows_of(lake: Lakehouse, table: Table, erasures: Erasures) -> Iterator[pa.Table]:
    """The rows of the person in a table, some at a time. Of quarantine there are none: bronze has them too."""
    if not lake.log(table).exists():
        return
    feed = FILE_FEEDS.get(table.full_name)
    by_id = next((columns for columns in _ID_COLUMNS if columns[1] in table.column_names), None)
    if feed is None and by_id is None:
        return
    for rows in lake.read_batches(table):
        if feed is not None:
            mask = erased_rows(feed, rows, erasures)
        else:
            assert by_id is not None, "one of both is there"
            kind, id_column, time_column = by_id
            mask = rows_with_ids(rows, kind, id_column, time_column, erasures)
        found = rows.filter(mask)
        if found.num_rows:
            yield found
