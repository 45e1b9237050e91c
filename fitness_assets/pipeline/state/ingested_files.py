"""Which files a bronze table was loaded from, and what each looked like: how one that was replaced is noticed.

They are written after the table's commit, which names its files too.
"""

from collections.abc import Mapping
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from fitness_assets.contracts.model import Table
from fitness_assets.pipeline.state.landing_zone import FileVersion
from fitness_assets.pipeline.state.progress import state_prefix
from fitness_assets.storage import Storage, StorageReader


class IngestedFiles:
    """The ingested files of one bronze table."""

    def __init__(self, storage: Storage, table: Table) -> None:
        self._storage = storage
        self._name = _object_name(table)
        self._table = table

    def read(self) -> dict[str, FileVersion] | None:
        """The files; None where nothing says which they are."""
        return read_ingested_files(self._storage, self._table)

    def write(self, files: Mapping[str, FileVersion]) -> None:
        """Replace the list in one step. Files that left the landing zone stay in it: they may come back."""
        rows = pa.table(
            {
                "name": pa.array(files, pa.string()),
                "size": pa.array([version.size for version in files.values()], pa.int64()),
                "modified": pa.array([version.modified for version in files.values()], pa.int64()),
            }
        )
        content = BytesIO()
        pq.write_table(rows, content)
        self._storage.put(self._name, content.getvalue())

    def forget(self) -> None:
        self._storage.delete(self._name)


def read_ingested_files(storage: StorageReader, table: Table) -> dict[str, FileVersion] | None:
    """The files that a bronze table was loaded from; None where nothing says which they are."""
    content = storage.get(_object_name(table))
    if content is None:
        return None
    columns = pq.read_table(BytesIO(content)).to_pydict()
    return dict(zip(columns["name"], map(FileVersion, columns["size"], columns["modified"]), strict=True))


def _object_name(table: Table) -> str:
    return f"{state_prefix(table)}/ingested_files.parquet"
