"""docs/extending.md, followed by the letter in a scratch checkout."""

import json
import re
import subprocess
import textwrap
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from fitness_assets_tests.checkout import Checkout
from fitness_assets_tests.records import NOON, record

pytestmark = pytest.mark.slow

OURS = ".venv/bin/fitness-assets"
SHOW_ASSET = """
import json, sys
from fitness_assets.definitions import defs
from fitness_assets.defs.asset_keys import table_asset_key
graph = defs().get_repository_def().asset_graph
node = graph.get(table_asset_key(sys.argv[1]))
lineage = node.metadata["dagster/column_lineage"].deps_by_column
print(json.dumps({
    "parents": [key.to_user_string() for key in node.parent_keys],
    "above": sorted(key.to_user_string() for parent in node.parent_keys for key in graph.get(parent).parent_keys),
    "group": node.group_name,
    "checks": sorted(key.name for key in graph.asset_check_keys if key.asset_key == node.key),
    "columns": [column.name for column in node.metadata["dagster/column_schema"].columns],
    "made_from": [dep.asset_key.to_user_string() + "." + dep.column_name for dep in lineage[sys.argv[2]]],
    "code": [one.file_path for one in node.metadata["dagster/code_references"].code_references],
}))
"""


class Newcomer:
    """Somebody who does what a recipe says, on the engine of the tests."""

    def __init__(self, folder: Path, connect_port: int) -> None:
        self.checkout = Checkout(folder)
        self._environment = self.checkout.environment(SPARK_REMOTE=f"sc://127.0.0.1:{connect_port}")

    def follow(self, heading: str) -> list[str]:
        """Write the Python blocks of a recipe into the files that their first lines name; the names."""
        page = (self.checkout.folder / "docs" / "extending.md").read_text(encoding="utf-8")
        (recipe,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## )", page, re.MULTILINE | re.DOTALL)
        names = []
        for block in re.findall(r"^   ```python\n(.*?)^   ```", recipe, re.MULTILINE | re.DOTALL):
            code = re.sub(r"^ {3}", "", block, flags=re.MULTILINE)
            place = re.match(r"# (fitness_assets/\S+\.py)(?:, in (\w+))?\n", code)
            assert place
            file = self.checkout.folder / place[1]
            if place[2]:
                self._insert(file, place[2], code[place.end() :])
            else:
                assert not file.exists(), f"{place[1]} is there already"
                file.write_text(code, encoding="utf-8")
            names.append(place[1])
        return names

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.checkout.folder, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def asset(self, table_name: str, column: str) -> dict[str, object]:
        """What Dagster knows of a table, and what one of its columns is made from."""
        shown = json.loads(self.run(".venv/bin/python", "-c", SHOW_ASSET, table_name, column).splitlines()[-1])
        assert isinstance(shown, dict)
        return shown

    def rows(self, table_name: str, *columns: str) -> list[dict[str, object]]:
        folder = self.checkout.base / "data_zone" / table_name.replace(".", "/")
        rows = DeltaTable(str(folder)).to_pyarrow_table(columns=list(columns)).to_pylist()
        return sorted(rows, key=repr)

    @staticmethod
    def _insert(file: Path, name: str, entries: str) -> None:
        """Put entries first into a dictionary of a module."""
        before = file.read_text(encoding="utf-8")
        after, count = re.subn(
            rf"^{name}\b.* = \{{\n", lambda line: line[0] + textwrap.indent(entries, "    "), before, flags=re.MULTILINE
        )
        assert count == 1, f"{file} has no dictionary {name}"
        file.write_text(after, encoding="utf-8")


def test_the_recipe_for_a_table_gives_a_whole_asset(tmp_path: Path, spark: SparkSession, connect_port: int) -> None:
    newcomer = Newcomer(tmp_path, connect_port)
    docs = newcomer.checkout.folder / "docs"
    files = newcomer.follow("A table made from other tables")
    assert len(files) == 2, "one contract, one transform"
    assert newcomer.asset("gold_db.gym_days", "visits") == {
        "parents": ["silver_db/gym_logs"],
        "above": ["bronz_db/gym_logins_bz"],
        "group": "gold",
        "checks": ["not_null", "relationships", "schema", "unique_key"],
        "columns": ["gym", "date", "visits"],
        "made_from": ["silver_db/gym_logs.login"],
        "code": [str(newcomer.checkout.folder / file) for file in files],
    }
    assert "tables.md is written" in newcomer.run(OURS, "document")
    assert "### gold_db.gym_days" in (docs / "tables.md").read_text(encoding="utf-8")
    assert "  gym_logs --> gym_days" in (docs / "architecture.md").read_text(encoding="utf-8")
    newcomer.run(OURS, "sample", "--users", "4", "--days", "1", "--every", "600", "--files", "1")
    newcomer.run(OURS, "run", "bronz_db.gym_logins_bz", "silver_db.gym_logs")
    assert re.search(r"gold_db.gym_days +\+\d+", newcomer.run(OURS, "run", "gold_db.gym_days"))
    assert "nothing new" in newcomer.run(OURS, "run", "gold_db.gym_days")


def test_the_recipe_for_a_topic_brings_its_records_into_a_table_and_what_is_refused_into_quarantine(
    tmp_path: Path, spark: SparkSession, connect_port: int
) -> None:
    newcomer = Newcomer(tmp_path, connect_port)
    files = newcomer.follow("A topic, and a table of its records")
    contract, transform = files[2], files[3]
    shown = newcomer.asset("silver_db.sleep", "minutes_asleep")
    assert "kafka/sleep" in str(shown.pop("above"))
    assert shown == {
        "parents": ["bronz_db/kafka_multiplex_bz"],
        "group": "silver",
        "checks": ["not_null", "schema", "unique_key"],
        "columns": ["device_id", "time", "minutes_asleep"],
        "made_from": ["bronz_db/kafka_multiplex_bz.value"],
        "code": [str(newcomer.checkout.folder / file) for file in (contract, transform, transform)],
    }
    nights = [
        {"device_id": 7, "time": NOON, "minutes_asleep": 400.5},
        {"device_id": 7, "time": NOON, "minutes_asleep": 431},
        {"device_id": 8, "time": NOON, "minutes_asleep": 380},
        {"device_id": 9, "time": NOON},
    ]
    folder = newcomer.checkout.base / "data_zone" / "raw" / "kafka_multiplex_bz"
    folder.mkdir(parents=True)
    lines = [record("sleep", **night) for night in nights]
    (folder / "nights.json").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    newcomer.run(OURS, "run", "bronz_db.kafka_multiplex_bz", "silver_db.sleep", "silver_db.quarantine")
    assert newcomer.rows("silver_db.sleep", "device_id", "minutes_asleep") == [
        {"device_id": 7, "minutes_asleep": 431.0},
        {"device_id": 8, "minutes_asleep": 380.0},
    ]
    assert newcomer.rows("silver_db.quarantine", "reason") == [{"reason": "missing_minutes_asleep"}]
