"""docs/extending.md, followed by the letter in a scratch checkout."""

import json
import re
import subprocess
from pathlib import Path

from pyspark.sql import SparkSession

from fitness_assets_tests.checkout import Checkout

SEEN = """
import json
from fitness_assets.definitions import defs
from fitness_assets.defs.describe import key_of
graph = defs.get_repository_def().asset_graph
node = graph.get(key_of("gold_db.gym_days"))
lineage = node.metadata["dagster/column_lineage"].deps_by_column
print(json.dumps({
    "parents": [key.to_user_string() for key in node.parent_keys],
    "group": node.group_name,
    "checks": sorted(key.name for key in graph.asset_check_keys if key.asset_key == node.key),
    "columns": [column.name for column in node.metadata["dagster/column_schema"].columns],
    "visits": [dep.asset_key.to_user_string() + "." + dep.column_name for dep in lineage["visits"]],
    "code": [one.file_path for one in node.metadata["dagster/code_references"].code_references],
}))
"""


def write_what_the_recipe_says(checkout: Checkout) -> list[str]:
    """The Python blocks that begin with the name of their file; the names."""
    page = (checkout.folder / "docs" / "extending.md").read_text(encoding="utf-8")
    named = []
    for block in re.findall(r"^   ```python\n(.*?)^   ```", page, re.MULTILINE | re.DOTALL):
        code = re.sub(r"^ {3}", "", block, flags=re.MULTILINE)
        file = re.match(r"# (fitness_assets/\S+\.py)\n", code)
        assert file
        (checkout.folder / file[1]).write_text(code, encoding="utf-8")
        named.append(file[1])
    return named


def test_the_recipe_for_a_table_gives_a_whole_asset(tmp_path: Path, spark: SparkSession, connect_port: int) -> None:
    checkout = Checkout(tmp_path)
    files = write_what_the_recipe_says(checkout)
    assert len(files) == 2, "one contract, one transform"
    environment = checkout.environment(SPARK_REMOTE=f"sc://127.0.0.1:{connect_port}")

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=checkout.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    seen = json.loads(run(".venv/bin/python", "-c", SEEN).splitlines()[-1])
    assert seen == {
        "parents": ["silver_db/gym_logs"],
        "group": "gold",
        "checks": ["not_null", "schema", "unique_key"],
        "columns": ["gym", "date", "visits"],
        "visits": ["silver_db/gym_logs.login"],
        "code": [str(checkout.folder / file) for file in files],
    }
    ours = ".venv/bin/fitness-assets"
    assert "tables.md is written" in run(ours, "document")
    assert "### gold_db.gym_days" in (checkout.folder / "docs" / "tables.md").read_text(encoding="utf-8")
    assert "  gym_logs --> gym_days" in (checkout.folder / "docs" / "architecture.md").read_text(encoding="utf-8")
    run(ours, "sample", "--users", "4", "--days", "1", "--every", "600", "--files", "1")
    run(ours, "run", "bronz_db.gym_logins_bz", "silver_db.gym_logs")
    assert re.search(r"gold_db.gym_days +\+\d+", run(ours, "run", "gold_db.gym_days"))
    assert "nothing new" in run(ours, "run", "gold_db.gym_days")
