"""Makes the bundle know what is there already, so that a deploy changes it instead of making it once more.

The CLI notes what it made when it is done. What a deploy that was killed made before that, and schemas and volumes
that were made by hand, would else be made twice (jobs) or fail the deploy (schemas, volumes).
"""

import argparse
import sys
from typing import Any

from workspace import WorkspaceError, ask, complain, databricks, say

# Schemas before the volumes in them.
KINDS = ("schemas", "volumes", "jobs")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", required=True)
    parser.add_argument("--var", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--force-lock", action="store_true")
    arguments = parser.parse_args()
    options = ["--target", arguments.target]
    options += [word for variable in arguments.var for word in ("--var", variable)]
    lock = ["--force-lock"] if arguments.force_lock else []
    try:
        missing = to_be_made(ask("bundle", "plan", *options))
        for catalog in sorted({wanted["catalog_name"] for kind, _, wanted in missing if kind == "schemas"}):
            catalog_is_there(catalog)
        for kind, key, wanted in missing:
            for found in there_already(kind, wanted)[:1]:
                say(f"Taking over {kind[:-1]} {found}, which is there already ...")
                databricks("bundle", "deployment", "bind", key, found, "--auto-approve", *options, *lock)
    except WorkspaceError as error:
        return complain("deploy.sh", error)
    return 0


def to_be_made(plan: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, key and settings of what the deploy would create, in the order in which it can be taken over."""
    made = []
    for name, change in plan.get("plan", {}).items():
        parts = name.split(".")
        if change.get("action") == "create" and len(parts) == 3 and parts[1] in KINDS:
            made.append((parts[1], parts[2], change["new_state"]["value"]))
    return sorted(made, key=lambda one: (KINDS.index(one[0]), one[1]))


def catalog_is_there(catalog: str) -> None:
    """Checked first, as the deploy would make half of the bundle before it finds out.

    Raises:
        WorkspaceError: it is not there, or we may not see it.
    """
    try:
        ask("catalogs", "get", catalog)
    except WorkspaceError as error:
        raise WorkspaceError(f"The catalog {catalog} cannot be used; docs/databricks.md makes it. {error}") from None


def there_already(kind: str, wanted: dict[str, Any]) -> list[str]:
    """The ids of what the workspace has of it, the oldest first."""
    if kind == "schemas":
        catalog = wanted["catalog_name"]
        return _named(wanted["name"], ask("schemas", "list", catalog))
    if kind == "volumes":
        catalog, schema = wanted["catalog_name"], wanted["schema_name"]
        if not _named(schema, ask("schemas", "list", catalog)):
            return []
        return _named(wanted["name"], ask("volumes", "list", catalog, schema))
    # A name may be anybody's. That a job came from this bundle and target is what its deployment says.
    ours = wanted["deployment"]["metadata_file_path"]
    same_name = [one["job_id"] for one in ask("jobs", "list", "--name", wanted["name"]) or []]
    settings = {job: ask("jobs", "get", str(job))["settings"] for job in sorted(same_name)}
    return [
        str(job)
        for job, has in settings.items()
        if has["name"] == wanted["name"] and has.get("deployment", {}).get("metadata_file_path") == ours
    ]


def _named(name: str, objects: list[dict[str, Any]] | None) -> list[str]:
    return [one["full_name"] for one in objects or [] if one["name"] == name]


if __name__ == "__main__":
    sys.exit(main())
