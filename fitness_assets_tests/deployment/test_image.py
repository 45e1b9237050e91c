"""The image of the code location in Dagster+, made by its own steps as far as that goes without Docker, and what a run
is told in it."""

import os
import subprocess
import venv
from pathlib import Path

import pytest
import yaml

from fitness_assets.docgen.settings import DATABRICKS, GOVERNANCE, PLATFORM
from fitness_assets.settings.fields import NeededBy
from fitness_assets_tests.checkout import ROOT
from fitness_assets_tests.deployment.dockerfile import ImageFolder, read_dockerfile, variables_of

INSTRUCTIONS = read_dockerfile(ROOT / "deployment" / "Dockerfile")
BUILD_PACKAGES = ("hatchling", "packaging", "pathspec", "pluggy", "trove_classifiers", "tomli")
"""What builds the wheel; the image has it from `requirements.lock`."""
SIGNS_IN = {"DATABRICKS_HOST", "DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET"}
"""What the Databricks SDK reads by itself."""
LOOK = """
import json, pathlib
import fitness_assets
from fitness_assets.databricks.runs.wheel import stamped_wheel
from fitness_assets.definitions import defs
from fitness_assets.settings.databricks import DatabricksSettings
name, content = stamped_wheel(pathlib.Path(DatabricksSettings.from_env().wheel))
keys = [key.to_user_string() for key in defs().resolve_all_asset_keys()]
print(json.dumps([fitness_assets.__file__, name, len(content), sorted(keys)]))
"""


def listed_variables() -> dict[str, str]:
    """What a container of the code location is given, by its file and by the image."""
    (location,) = yaml.safe_load((ROOT / "dagster_cloud.yaml").read_text(encoding="utf-8"))["locations"]
    lists = [container["env_vars"] for container in location["container_context"].values()]
    assert all(variables == lists[0] for variables in lists)
    return dict(variable.partition("=")[::2] for variable in lists[0]) | variables_of(INSTRUCTIONS)


def test_a_container_is_given_every_setting_that_a_run_needs() -> None:
    needed = {
        model.variable(name)
        for model in (*PLATFORM, *DATABRICKS, *GOVERNANCE)
        for name, field in model.model_fields.items()
        if any(isinstance(marker, NeededBy) for marker in field.metadata)
    }
    assert "FITNESS_WHEEL" in needed
    assert (needed | SIGNS_IN | {"FITNESS_TARGET", "FITNESS_ENV"}) - set(listed_variables()) == set()


def test_every_setting_of_a_container_is_one() -> None:
    known = {model.variable(name) for model in (*PLATFORM, *DATABRICKS, *GOVERNANCE) for name in model.model_fields}
    assert set(listed_variables()) - known - SIGNS_IN == set()


@pytest.mark.slow
@pytest.mark.programs
def test_the_steps_of_the_image_make_a_location_with_the_wheel_that_its_runs_take_along(tmp_path: Path) -> None:
    """All but the packages of the locks, which stand in from those that run the tests."""
    venv.create(tmp_path / "python", with_pip=True)
    python = tmp_path / "python" / "bin" / "python"
    [packages] = (tmp_path / "python" / "lib").glob("python*/site-packages")
    for name in BUILD_PACKAGES:
        for found in _packages_of_the_tests().glob(f"{name}*"):
            if not (packages / found.name).exists():
                (packages / found.name).symlink_to(found)
    environment = {"PATH": f"{python.parent}:{os.environ['PATH']}", "PYTHONPATH": "", "PIP_NO_INDEX": "1"}
    image = ImageFolder(tmp_path / "image", ROOT, environment)
    for instruction in INSTRUCTIONS:
        if "--require-hashes" in instruction.text:
            assert image.place_of(instruction.text.split()[-1]).is_file()
        else:
            image.do(instruction)
    (packages / "of_the_tests.pth").write_text(f"{_packages_of_the_tests()}\n", encoding="utf-8")
    variables = dict.fromkeys(listed_variables(), "x") | {"FITNESS_TARGET": "databricks", "FITNESS_ENV": "dev"}
    variables |= {"DATABRICKS_HOST": "https://workspace.test"}
    variables |= {name: str(image.place_of(path)) for name, path in variables_of(INSTRUCTIONS).items()}
    process = subprocess.run(
        [python, "-c", LOOK],
        cwd=tmp_path,
        env={**environment, **variables, "DAGSTER_HOME": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    file, wheel, size, keys = yaml.safe_load(process.stdout.splitlines()[-1])
    assert Path(file).is_relative_to(packages)
    assert wheel.startswith("fitness_assets-0.1.0+h") and size > 100_000
    assert "gold_db/gym_summary" in keys


def _packages_of_the_tests() -> Path:
    return Path(pytest.__file__).parent.parent
