from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from fitness_assets.contracts.arrow import arrow_schema
from fitness_assets.contracts.registry import get_table
from fitness_assets.dashboard.table_reader.reader import TableReader
from fitness_assets.lakehouse.local.paths import table_folder
from fitness_assets.sample.faults import Faults
from fitness_assets.sample.history import SampleSize
from fitness_assets.sample.landing_files import write_sample
from fitness_assets.settings import Settings
from fitness_assets_tests.dashboard.queries.against_records.expected import AS_OF, Expected
from fitness_assets_tests.end_to_end.reference import TABLES, Reference


@pytest.fixture(scope="package")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    base: Path = tmp_path_factory.mktemp("base")
    settings = Settings(base_dir=base, as_of_override=AS_OF)
    faults = Faults(late=0.05, repeated=0.05, corrected=0.1, malformed=0.03)
    write_sample(
        settings.landing_zone, SampleSize(users=12, days=5, files=3, seed=11, reading_interval=20, faults=faults)
    )
    reference = Reference(settings.landing_zone, AS_OF)
    reader = TableReader(settings)
    for table_name, column_list in TABLES.items():
        schema = arrow_schema(get_table(table_name))
        columns = [column.strip() for column in column_list.split(",")]
        empty = dict.fromkeys(schema.names) | ({"device_id": 0} if table_name.endswith("workout_bpm") else {})
        records = [empty | dict(zip(columns, values, strict=True)) for values in reference.table(table_name)]
        rows = [{column: _as_utc(value) for column, value in record.items()} for record in records]
        # Two halves, so that more than one file has to be read.
        for half in (rows[::2], rows[1::2]):
            path = str(table_folder(settings, get_table(table_name)))
            write_deltalake(path, pa.Table.from_pylist(half, schema), mode="append")
    expected = Expected(reader)
    expected.add(reference.rows)
    return expected


def _as_utc(value: Any) -> Any:
    return value.replace(tzinfo=timezone.utc) if isinstance(value, datetime) else value
