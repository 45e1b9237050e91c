"""The bundle and governance both say what a schema and a volume are for; with two texts each would undo the other's."""

from pathlib import Path
from typing import Any

import yaml

from fitness_assets.databricks.governance.declared import declare
from fitness_assets.databricks.settings import DatabricksSettings
from fitness_assets.databricks.state import Aspect, Fact
from fitness_assets.databricks.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


def resources(kind: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "resources" / f"{kind}.yml").read_text())["resources"][
        kind
    ]
    return found


def test_schemas_and_volumes_have_the_comments_that_governance_declares() -> None:
    declared = declare(Workspace("dev", "dev")).facts
    for name, schema in resources("schemas").items():
        assert declared[Fact(Aspect.COMMENT, f"schema dev.{name}")] == schema["comment"]
    for name, volume in resources("volumes").items():
        assert declared[Fact(Aspect.COMMENT, f"volume dev.bronz_db.{name}")] == volume["comment"]


def test_the_volumes_are_those_that_runs_from_dagster_use() -> None:
    settings = DatabricksSettings("dev", "dev", "a.whl")
    used = {settings.landing_zone, settings.checkpoint_zone, settings.messages}
    assert used == {f"/Volumes/dev/bronz_db/{name}" for name in resources("volumes")}
