"""A share of all power cuts; `python -m fitness_assets_tests.durability.power_cuts` makes each of them."""

import os
import random
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from fitness_assets_tests.durability.power_cuts import count_syncs, cut_and_go_on, prepared
from fitness_assets_tests.durability.simulated_disk import SimulatedDisk

pytestmark = pytest.mark.slow

CUTS = 3


def test_the_disk_has_what_was_synced_and_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    disk = SimulatedDisk(root, tmp_path / "store")
    with disk.cut_at(None):
        for name, is_synced in (("synced", True), ("written", False)):
            with (root / name).open("w") as file:
                file.write(name)
                file.flush()
                if is_synced:
                    os.fsync(file.fileno())
        folder = os.open(root, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        (root / "later").write_text("later")
        (root / "synced").unlink()
    disk.left_after(tmp_path / "left")
    disk.close()
    left = {path.name: path.read_text() for path in (tmp_path / "left").iterdir()}
    assert left == {"synced": "synced", "written": ""}


@pytest.mark.parametrize("has_tables", [False, True], ids=["first build", "small update"])
def test_after_a_power_cut_the_next_update_ends_with_the_same_tables(
    spark: SparkSession, tmp_path: Path, has_tables: bool
) -> None:
    base = tmp_path / "base"
    prepared(base, lambda: spark, has_tables)
    syncs = count_syncs(base, tmp_path / "count", lambda: spark)
    rng = random.Random(5)
    for number in sorted(rng.sample(range(syncs), CUTS)):
        cut_and_go_on(base, tmp_path / "cut", number, lambda: spark)
