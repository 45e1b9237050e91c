"""What a release is made of: a bill of materials (CycloneDX 1.6, JSON) and a list of licences.

    python deployment/sbom.py WHEEL FOLDER

Writes FOLDER/sbom.cdx.json and FOLDER/licences.csv from `requirements.lock`, the locks of the jars and the metadata of
the packages that are installed beside this Python. Nothing is fetched, and the same locks give the same files.
"""

import csv
import hashlib
import json
import re
import sys
import uuid
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
JAR_LOCKS = ROOT / "fitness_assets" / "engine" / "locks"
_PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)(?:\[[^]]*])?==(?P<version>[^ ;]+)(?: ; (?P<marker>[^\\]+?))? ?\\?$")
_WHEEL = re.compile(r"fitness_assets-(?P<version>[^-]+)-")


def packages(lock: Path) -> Iterator[dict[str, Any]]:
    """Each package of the lock, also those that only some Pythons or systems need, with the digests of its files."""
    component: dict[str, Any] = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if pin := _PIN.match(line):
            if component:
                yield component
            component = _package(pin["name"], pin["version"], pin["marker"] or "")
        elif digest := re.match(r" +--hash=sha256:([0-9a-f]{64})", line):
            (files,) = component["externalReferences"]
            files["hashes"].append(_sha256(digest[1]))
        elif line and not line.lstrip().startswith("#"):
            raise SystemExit(f"{lock.name} has a line that is not understood: {line}")
    yield component


def _package(name: str, version: str, marker: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{re.sub('[-_.]+', '-', name)}@{version}"
    licence = _licence(name)
    # A package is one of several files, so the digests are those of what may be fetched.
    files = {"type": "distribution", "url": "requirements.lock", "comment": "Each file that the lock allows."}
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        **({"licenses": [licence]} if licence else {}),
        "externalReferences": [{**files, "hashes": []}],
        **({"properties": [{"name": "fitness_assets:only_where", "value": marker}]} if marker else {}),
    }


def _licence(name: str) -> "dict[str, Any] | None":
    """What an installed package says of itself; None where it is not installed here, or says nothing."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if said["License-Expression"]:
        return {"expression": said["License-Expression"]}
    named = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    # Some put the whole text where the name belongs.
    first_line = (said["License"] or "").strip().partition("\n")[0]
    text = "; ".join(named) or (first_line if first_line not in ("", "UNKNOWN") else "")
    return {"license": {"name": text}} if text else None


def jars(folder: Path) -> Iterator[dict[str, Any]]:
    """Each jar that no package brings."""
    for lock in sorted(folder.glob("*.lock")):
        for line in lock.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                coordinates, digest = line.split()
                group, name, version = coordinates.split(":")
                purl = f"pkg:maven/{group}/{name}@{version}"
                yield {
                    "type": "library",
                    "bom-ref": f"{purl}?lock={lock.stem}",
                    "group": group,
                    "name": name,
                    "version": version,
                    "purl": purl,
                    "hashes": [_sha256(digest)],
                }


def bill_of_materials(wheel: Path) -> dict[str, Any]:
    """The whole bill, as CycloneDX writes it."""
    named = _WHEEL.match(wheel.name)
    if named is None:
        raise SystemExit(f"{wheel} is no wheel of fitness_assets.")
    components = [*packages(ROOT / "requirements.lock"), *jars(JAR_LOCKS)]
    product = {
        "type": "application",
        "bom-ref": "fitness_assets",
        "name": "fitness_assets",
        "version": named["version"],
        "hashes": [_sha256(hashlib.sha256(wheel.read_bytes()).hexdigest())],
        "licenses": [{"expression": "Apache-2.0"}],
    }
    content = json.dumps([product, components], sort_keys=True)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {"component": product},
        "components": components,
    }


def _sha256(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest}


def licence_rows(components: "list[dict[str, Any]]") -> "list[tuple[str, str, str]]":
    """Name, version and licence of each component; empty where nobody here knows the licence."""
    rows = []
    for component in components:
        (licence,) = component.get("licenses") or [{}]
        text = licence.get("expression") or licence.get("license", {}).get("name", "")
        rows.append((":".join(filter(None, (component.get("group"), component["name"]))), component["version"], text))
    return rows


def main(wheel: Path, folder: Path) -> None:
    bill = bill_of_materials(wheel)
    (folder / "sbom.cdx.json").write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")
    with (folder / "licences.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [("name", "version", "licence"), *licence_rows(bill["components"])]
        )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
