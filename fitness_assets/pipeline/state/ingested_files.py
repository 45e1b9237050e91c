"""Which files a bronze table was loaded from, and what each looked like: how one that was replaced is noticed.

The note is written after the table's commit, which names its files too.
"""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from fitness_assets.pipeline.landing_zone import FileVersion

Files = Mapping[str, FileVersion]


class IngestedFiles:
    """The note of one bronze table."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "files.parquet"

    def read(self) -> dict[str, FileVersion] | None:
        """The files; None where there is no note."""
        if not self._file.exists():
            return None
        columns = pq.read_table(self._file).to_pydict()
        stamps = map(FileVersion, columns["size"], columns["modified"])
        return dict(zip(columns["name"], stamps, strict=True))

    def write(self, files: Files) -> None:
        """Replace the note in one step. Files that left the landing zone stay in it: they may come back."""
        table = pa.table(
            {
                "name": pa.array(files, pa.string()),
                "size": pa.array([stamp.size for stamp in files.values()], pa.int64()),
                "modified": pa.array([stamp.modified for stamp in files.values()], pa.int64()),
            }
        )
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".tmp")
        pq.write_table(table, new)
        new.replace(self._file)

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)
