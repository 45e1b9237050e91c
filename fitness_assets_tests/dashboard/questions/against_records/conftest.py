from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from fitness_assets.contracts.registry import get_table
from fitness_assets.dashboard.lake import Lake
from fitness_assets.lakehouse.schemas import arrow_schema
from fitness_assets.sample.disorder import Disorder
from fitness_assets.sample.landing import SampleSize, write
from fitness_assets.settings import Settings
from fitness_assets_tests.dashboard.questions.against_records.world import AS_OF, World
from fitness_assets_tests.end_to_end.reference import TABLES, Reference


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    base: Path = tmp_path_factory.mktemp("base")
    settings = Settings(base, as_of_override=AS_OF)
    disorder = Disorder(late=0.05, repeated=0.05, corrected=0.1, malformed=0.03)
    write(settings.landing_zone, SampleSize(users=12, days=5, files=3, seed=11, every=20, disorder=disorder))
    reference = Reference(settings.landing_zone, AS_OF)
    lake = Lake(settings)
    for name, columns in TABLES.items():
        schema = arrow_schema(get_table(name))
        names = [column.strip() for column in columns.split(",")]
        empty = dict.fromkeys(schema.names) | ({"device_id": 0} if name.endswith("workout_bpm") else {})
        rows = [empty | dict(zip(names, row, strict=True)) for row in reference.table(name)]
        as_utc = [{name: _utc(value) for name, value in row.items()} for row in rows]
        # Two halves, so that more than one file has to be read.
        for part in (as_utc[::2], as_utc[1::2]):
            write_deltalake(str(lake.house.path(get_table(name))), pa.Table.from_pylist(part, schema), mode="append")
    found = World(lake)
    found.tell(reference.rows)
    return found


def _utc(value: Any) -> Any:
    return value.replace(tzinfo=timezone.utc) if isinstance(value, datetime) else value
