"""The bundle and governance both say what a schema and a volume are for; with two texts each would undo the other's."""

from pathlib import Path
from typing import Any

import yaml

from fitness_assets.databricks.changes import Aspect, Fact
from fitness_assets.databricks.governance.catalog.desired import build_desired_catalog
from fitness_assets.databricks.workspace import Workspace
from fitness_assets.settings.databricks import DatabricksSettings

ROOT = Path(__file__).resolve().parents[2]


def bundle_resources(resource_type: str) -> dict[str, dict[str, Any]]:
    bundle = yaml.safe_load((ROOT / "resources" / f"{resource_type}.yml").read_text())
    resources: dict[str, dict[str, Any]] = bundle["resources"][resource_type]
    return resources


def test_schemas_and_volumes_have_the_comments_that_governance_declares() -> None:
    facts = build_desired_catalog(Workspace("dev", "dev")).facts
    for name, schema in bundle_resources("schemas").items():
        assert facts[Fact(Aspect.COMMENT, f"schema dev.{name}")] == schema["comment"]
    for name, volume in bundle_resources("volumes").items():
        assert facts[Fact(Aspect.COMMENT, f"volume dev.bronz_db.{name}")] == volume["comment"]


def test_the_volumes_are_those_that_runs_from_dagster_use() -> None:
    settings = DatabricksSettings(environment="dev", catalog="dev", wheel="a.whl")
    volumes = {settings.landing_zone, settings.checkpoint_zone, settings.messages}
    assert volumes == {f"/Volumes/dev/bronz_db/{name}" for name in bundle_resources("volumes")}
