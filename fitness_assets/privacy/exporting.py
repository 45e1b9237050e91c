"""All that is known of a person, as one archive to hand out (GDPR, articles 15 and 20)."""

import json
import os
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.lakehouse import Lakehouse
from fitness_assets.privacy.person import Person
from fitness_assets.privacy.rows import only, rows_of
from fitness_assets.storage import sync_file, sync_folder

_CONTENTS = "README.md"


def export_person(lake: Lakehouse, person: Person, target: Path, tell: Callable[[str], None]) -> dict[str, int]:
    """Write a ZIP of a JSON and a Parquet file a table, and what is in each; how many rows of each table.

    Nobody else of the machine may read it.

    Args:
        tell: takes a line for each table.

    Raises:
        FileExistsError: there is a file already.
    """
    erasures, counts = only(person), dict[str, int]()
    parts = [
        "# What is known of you\n",
        "Each table is there twice: as JSON, one object a row, and as Parquet. Times are UTC. `bronz_db` has the",
        "records as they came, `silver_db` what is true after all corrections, `gold_db` what was computed of it.\n",
    ]
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in all_tables().items():
            tables = list(rows_of(lake, table, erasures))
            if tables:
                rows = pa.concat_tables(tables)
                _add(archive, name, rows)
                counts[name] = rows.num_rows
                parts.append(_described(table, rows.num_rows))
                tell(f"{name}: {rows.num_rows:,} rows")
        archive.writestr(_CONTENTS, "\n".join(parts))
    sync_file(target)
    sync_folder(target.parent)
    return counts


def _add(archive: zipfile.ZipFile, name: str, rows: pa.Table) -> None:
    lines = (json.dumps(row, default=str, ensure_ascii=False) + "\n" for row in rows.to_pylist())
    archive.writestr(f"{name}.json", "".join(lines))
    content = BytesIO()
    pq.write_table(rows, content, compression="zstd")
    archive.writestr(f"{name}.parquet", content.getvalue())


def _described(table: Table, rows: int) -> str:
    columns = [f"- `{column.name}` ({column.type}): {column.description}" for column in table.all_columns]
    return "\n".join([f"## {table.full_name}\n", f"{table.description} {rows:,} rows.\n", *columns, ""])
