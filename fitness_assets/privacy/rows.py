"""The rows of one person in any table."""

from collections.abc import Iterator

import pyarrow as pa

from fitness_assets.contracts.feeds import FILE_FEEDS
from fitness_assets.contracts.model import Table
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.pipeline.state.erased_rows import erased_rows, person_columns, rows_of_people
from fitness_assets.pipeline.state.erasures import Erasures
from fitness_assets.privacy.person import Person


def only(person: Person) -> Erasures:
    """A person as one who would be forgotten, to look for; nothing of it is kept."""
    erasures = Erasures(key=b"looking")
    return Erasures(erasures.key, (person.erasure(erasures),))


def rows_of(lake: Lakehouse, table: Table, erasures: Erasures) -> Iterator[pa.Table]:
    """The rows of the person in a table, some at a time. Of quarantine there are none: bronze has them too."""
    if not lake.log(table).exists():
        return
    feed = FILE_FEEDS.get(table.full_name)
    if feed is None and person_columns(table.column_names) is None:
        return
    for rows in lake.read_batches(table):
        mask = rows_of_people(rows, erasures) if feed is None else erased_rows(feed, rows, erasures)
        found = rows.filter(mask)
        if found.num_rows:
            yield found
