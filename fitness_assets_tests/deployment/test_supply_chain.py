"""What a release is made of is pinned, and said: actions, images and installers by digest, a bill of materials."""

import csv
import hashlib
import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fitness_assets.engine.jars import KAFKA_BROKER, SPARK
from fitness_assets_tests.deployment.tools import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
DOCKERFILE = ROOT / "deployment" / "Dockerfile"
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(str(error)[:2000] if error else 0)
"""


def pins(lock: Path) -> dict[str, set[str]]:
    """The versions of each package of a lock; more than one where they differ by Python."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)(?:\[.*?])?==([^ ]+)", lock.read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_an_action_is_one_commit_whose_version_is_said(file: Path) -> None:
    used = re.findall(r"uses: (?!\./)(.*)", file.read_text())
    assert used or "./.github/workflows/" in file.read_text()
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)] == []


def test_an_action_is_the_same_commit_in_every_workflow() -> None:
    used = {tuple(pin.split("@")) for file in WORKFLOWS for pin in re.findall(r"uses: (\w.*)", file.read_text())}
    assert len(used) == len({name for name, _ in used})


def test_the_image_of_dagster_plus_is_built_from_what_is_pinned() -> None:
    lines = DOCKERFILE.read_text().splitlines()
    assert [line for line in lines if line.startswith("FROM ") and not re.search(r"@sha256:[0-9a-f]{64}$", line)] == []
    installs = [line for line in lines if "pip install" in line]
    assert len(installs) == 3
    for line in installs:
        assert "--no-deps" in line and ("--require-hashes" in line or line.endswith(".whl"))
    [built] = [line for line in lines if "pip wheel" in line]
    assert "--no-deps --no-build-isolation" in built


def test_the_agents_package_fits_the_packages_of_the_project() -> None:
    own, agents = pins(ROOT / "requirements.lock"), pins(ROOT / "deployment" / "dagster_cloud.lock")
    assert agents["dagster-cloud"] == own["dagster"]
    assert {name for name in agents.keys() & own.keys() if not agents[name] <= own[name]} == set()


@pytest.fixture(scope="module")
def released(artifact: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(artifact) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture(scope="module")
def bill(released: dict[str, bytes]) -> dict[str, Any]:
    bill: dict[str, Any] = json.loads(released["sbom.cdx.json"])
    return bill


@pytest.mark.programs
def test_the_bill_of_materials_is_one_of_cyclonedx(released: dict[str, bytes], sbom_folder: Path) -> None:
    done = subprocess.run(
        [sbom_folder / "python", "-c", VALIDATE], input=released["sbom.cdx.json"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.programs
def test_it_names_the_packages_that_cyclonedx_itself_reads_from_the_lock(
    bill: dict[str, Any], sbom_folder: Path
) -> None:
    program = str(sbom_folder / "cyclonedx-py")
    command = [program, "requirements", str(ROOT / "requirements.lock"), "--output-format", "JSON"]
    read = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    def packages(components: list[dict[str, Any]]) -> dict[tuple[str, str], set[str]]:
        return {
            (one["name"], one["version"]): {
                digest["content"] for files in one["externalReferences"] for digest in files["hashes"]
            }
            for one in components
            if one["purl"].startswith("pkg:pypi/")
        }

    assert packages(bill["components"]) == packages(read["components"])


@pytest.mark.programs
def test_it_names_each_jar_and_the_wheel_by_their_digests(bill: dict[str, Any], released: dict[str, bytes]) -> None:
    jars = {
        f"{one['group']}:{one['name']}:{one['version']}": one["hashes"][0]["content"]
        for one in bill["components"]
        if one["purl"].startswith("pkg:maven/")
    }
    assert jars == SPARK.pins | KAFKA_BROKER.pins
    (wheel,) = [content for name, content in released.items() if name.endswith(".whl")]
    assert bill["metadata"]["component"]["hashes"][0]["content"] == hashlib.sha256(wheel).hexdigest()


@pytest.mark.programs
def test_the_licences_are_listed_and_what_is_not_known_is_empty(released: dict[str, bytes]) -> None:
    rows = {row["name"]: row["licence"] for row in csv.DictReader(io.StringIO(released["licences.csv"].decode()))}
    assert (rows["click"], rows["duckdb"], rows["io.delta:delta-storage"]) == ("BSD-3-Clause", "MIT License", "")
    known = [name for name, licence in rows.items() if licence]
    assert len(known) > 100
    assert not [licence for licence in rows.values() if len(licence) > 120 or "\n" in licence]
