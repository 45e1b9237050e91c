"""The AI/BI dashboard's file against what is known of its format, of which Databricks publishes no schema.

`lvdash.schema.json` has the fields that files have which Databricks' own page wrote, as far as ours uses them. A field
that is none is not told of by anybody: the widget stays empty.
"""

import subprocess
from pathlib import Path

import pytest

from fitness_assets_tests.deployment.tools import FOLDER, ROOT

pytestmark = pytest.mark.programs

DASHBOARD = ROOT / "dashboards" / "fitness.lvdash.json"
SCHEMA = FOLDER / "lvdash.schema.json"


def schema_errors(tools: Path, file: Path) -> str:
    command = [tools / "check-jsonschema", "--schemafile", SCHEMA, file]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if process.returncode == 0 else process.stdout + process.stderr


def test_the_dashboard_is_as_the_format_is_known(tool_folder: Path) -> None:
    assert not schema_errors(tool_folder, DASHBOARD)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"queryLines"', '"queryLine"'),
        ('"fieldName"', '"fieldname"'),
        ('"widgetType": "bar"', '"widgetType": "barchart"'),
        ('"version": 3', '"version": 2'),
        ('"disaggregated": false', '"disaggregated": "false"'),
        ('"width": 12', '"width": 13'),
        ('"GRID_V1"', '"GRID"'),
    ],
)
def test_one_slip_of_the_pen_is_found(right: str, wrong: str, tool_folder: Path, tmp_path: Path) -> None:
    text = DASHBOARD.read_text(encoding="utf-8")
    assert right in text
    file = tmp_path / "wrong.lvdash.json"
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    assert schema_errors(tool_folder, file)
