"""The sums of the contract's section 5: for each source, bronze = accepted + quarantine."""

from dataclasses import dataclass

from fitness_assets.contracts.catalog import table, tables_of
from fitness_assets.contracts.landing import FOLDERS
from fitness_assets.contracts.model import Kind
from fitness_assets.lakehouse.tables import Lakehouse
from fitness_assets.pipeline.progress import ProgressStore


@dataclass(frozen=True)
class Book:
    """What became of the records of one bronze table.

    Attributes:
        complete: whether every table made from it has used all of it; otherwise the sum is not due yet.
    """

    source: str
    bronze: int
    accepted: int
    refused: int
    complete: bool


def accounts(lake: Lakehouse) -> list[Book]:
    """The books of every bronze table that silver is made from."""
    store = ProgressStore(lake.settings)
    quarantine = tables_of(Kind.REFUSED)[0]
    refused = {name: 0 for name in FOLDERS}
    if lake.log(quarantine).exists():
        column = lake.log(quarantine).delta().to_pyarrow_table(columns=["source_table"])["source_table"]
        for entry in column.value_counts().to_pylist():
            refused[entry["values"]] = entry["counts"]
    books = []
    for name in FOLDERS:
        takers = [one for one in tables_of(Kind.FOLDED) if one.sources[0].table == name]
        if not takers:
            continue
        version = lake.ensure(table(name)).version()
        notes = [store.read(one) for one in [*takers, quarantine]]
        complete = all(note is not None and note.sources.get(name) == version for note in notes)
        accepted = sum(note.accepted.get(name, 0) for note in notes if note is not None)
        books.append(Book(name, lake.log(table(name)).row_count(), accepted, refused[name], complete))
    return books
