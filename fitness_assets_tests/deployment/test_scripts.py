"""The shell scripts, what Dagster+ is told, and the commands of the documentation."""

import importlib
import re
import subprocess
from itertools import takewhile
from pathlib import Path

import pytest
import yaml

from fitness_assets_tests.deployment.tools import ROOT

SCRIPTS = sorted((ROOT / "deployment").glob("*.sh"))


def test_shellcheck_has_nothing_to_say(tool_folder: Path) -> None:
    process = subprocess.run(
        [tool_folder / "shellcheck", *SCRIPTS, *SCRIPTS[0].parent.glob("*.bash")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_ends_at_the_first_failure(script: Path) -> None:
    assert "set -euo pipefail" in script.read_text()
    assert script.stat().st_mode & 0o111


@pytest.mark.parametrize(
    "script", [script for script in SCRIPTS if script.name != "build-wheel.sh"], ids=lambda script: script.name
)
def test_a_script_tells_how_it_is_used(script: Path) -> None:
    process = subprocess.run([script, "--help"], capture_output=True, text=True, check=False)
    assert process.returncode == 0
    assert process.stdout.startswith(f"usage: deployment/{script.name}")


def test_dagster_plus_accepts_the_code_location(tool_folder: Path) -> None:
    command = [tool_folder / "dagster-cloud", "ci", "check", "--project-dir", ROOT]
    process = subprocess.run(
        [*command, "--dagster-cloud-connect-check", "skip"], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr


def test_the_code_location_of_dagster_plus_is_the_definitions_of_the_project() -> None:
    (location,) = yaml.safe_load((ROOT / "dagster_cloud.yaml").read_text())["locations"]
    module = importlib.import_module(location["code_source"]["module_name"])
    assert module.defs().resolve_all_asset_keys()
    for container in location["container_context"].values():
        with_values = [variable for variable in container["env_vars"] if "=" in variable]
        assert with_values == ["FITNESS_TARGET=databricks"], (
            "A value that differs from deployment to deployment is not here."
        )


def test_the_image_of_dagster_plus_copies_what_is_there() -> None:
    lines = (ROOT / "deployment" / "Dockerfile").read_text().splitlines()
    copied = [file for line in lines if line.startswith("COPY ") for file in line.split()[1:-1]]
    assert "requirements.lock" in copied
    assert [file for file in copied if not (ROOT / file).exists()] == []


def databricks_commands() -> list[str]:
    """Every call of the Databricks CLI that docs/databricks.md tells, in blocks and in lines."""
    text = (ROOT / "docs" / "databricks.md").read_text().replace("\\\n", " ").replace("az databricks", "az")
    text = text.replace("fitness-assets databricks", "fitness-assets")
    blocks = [line for line in text.splitlines() if line.startswith("    ")]
    inline = re.findall(r"`(databricks [^`]+)`", text)
    return [
        command for line in [*blocks, *inline] for command in re.findall(r"(?:^|\s)(databricks [a-z][^|&#]*)", line)
    ]


def test_the_commands_of_the_documentation_are_commands_of_the_cli(cli: Path) -> None:
    commands = databricks_commands()
    assert len(commands) > 10
    for command in commands:
        words = command.split()[1:]
        name = list(takewhile(lambda word: re.fullmatch("[a-z][a-z-]+", word), words))
        process = subprocess.run([cli, *name, "--help"], capture_output=True, text=True, check=False)
        assert f"databricks {' '.join(name)} " in process.stdout, command
        for option in re.findall(r"--[a-z-]+", command):
            assert f"{option} " in process.stdout, f"{command}: there is no {option}"
