"""Which files a bronze table was loaded from, and what each looked like: how one that was replaced is noticed.

They are written after the table's commit, which names its files too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from fitness_assets.contracts.model import Table
from fitness_assets.pipeline.landing.listing import FileVersion
from fitness_assets.pipeline.landing.loading import Content
from fitness_assets.pipeline.state.progress import state_prefix
from fitness_assets.storage import Storage, StorageReader

_SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("size", pa.int64()),
        ("modified", pa.int64()),
        ("changed", pa.int64()),
        ("load", pa.int32()),
        ("digest", pa.string()),
        ("reason", pa.string()),
        ("records", pa.int64()),
        ("earlier", pa.int64()),
        ("removed", pa.int64()),
        ("is_missing", pa.bool_()),
        ("lost", pa.int64()),
    ]
)


@dataclass(frozen=True)
class IngestedFile:
    """A file as it was when it was loaded.

    Attributes:
        load: which content of its name it is, 1 the first.
        records: how many rows were made of it.
        earlier: how many rows were made of what its name held before.
        removed: how many of all these somebody took out since, on purpose.
        is_missing: whether its rows are gone, after a restore say, and the file too: it is read when it comes back.
        lost: how many rows of what its name held before are gone likewise: nobody has that content any more.
    """

    version: FileVersion
    load: int = 1
    content: Content = field(default_factory=Content)
    records: int = 0
    earlier: int = 0
    removed: int = 0
    is_missing: bool = False
    lost: int = 0

    def after(self, before: "IngestedFile") -> "IngestedFile":
        """This one as the next content of its name."""
        if before.load == self.load:  # the same content once more
            return replace(self, earlier=before.earlier, removed=before.removed, lost=before.lost)
        has_records = not (before.content.reason or before.is_missing)
        earlier = before.earlier + (before.records if has_records else 0)
        lost = before.lost + (before.records if before.is_missing else 0)
        return replace(self, earlier=earlier, removed=before.removed, lost=lost)


class IngestedFiles:
    """The ingested files of one bronze table."""

    def __init__(self, storage: Storage, table: Table) -> None:
        self._storage = storage
        self._name = _object_name(table)
        self._table = table

    def read(self) -> dict[str, IngestedFile] | None:
        """The files; None where nothing says which they are."""
        return read_ingested_files(self._storage, self._table)

    def write(self, files: Mapping[str, IngestedFile]) -> None:
        """Replace the list in one step. Files that left the landing zone stay in it: they may come back."""
        rows = [
            (
                name,
                *_values(file.version),
                file.load,
                file.content.digest,
                file.content.reason,
                file.records,
                file.earlier,
                file.removed,
                file.is_missing,
                file.lost,
            )
            for name, file in files.items()
        ]
        columns = list(zip(*rows, strict=True)) or [()] * len(_SCHEMA)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
        content = BytesIO()
        pq.write_table(pa.table(arrays, schema=_SCHEMA), content)
        self._storage.put(self._name, content.getvalue())

    def forget(self) -> None:
        self._storage.delete(self._name)


def read_ingested_files(storage: StorageReader, table: Table) -> dict[str, IngestedFile] | None:
    """The files that a bronze table was loaded from; None where nothing that can be read says which they are."""
    content = storage.get(_object_name(table))
    if content is None:
        return None
    try:
        listed = pq.read_table(BytesIO(content))
        if "lost" not in listed.column_names:  # a list of the version before
            listed = listed.append_column("lost", pa.repeat(pa.scalar(0, pa.int64()), listed.num_rows))
        columns = listed.select(_SCHEMA.names).cast(_SCHEMA).to_pydict()
    except (pa.ArrowException, OSError, KeyError):  # cut short, damaged, or of another version of ours
        return None
    rows = zip(*(columns[name] for name in _SCHEMA.names), strict=True)
    return {
        name: IngestedFile(FileVersion(size, modified, changed), load, Content(digest, reason), *counts)
        for name, size, modified, changed, load, digest, reason, *counts in rows
    }


def _values(version: FileVersion) -> tuple[int, int, int]:
    return version.size, version.modified, version.changed


def _object_name(table: Table) -> str:
    return f"{state_prefix(table)}/ingested_files.parquet"
