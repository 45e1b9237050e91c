"""Makes the bundle know what is there already, so that a deploy changes it instead of making it once more.

The CLI notes what it made when it is done. What a deploy that was killed made before that, and schemas and volumes
that were made by hand, would else be made twice (jobs) or fail the deploy (schemas, volumes, dashboards).
"""

import argparse
import sys
from dataclasses import dataclass
from typing import Any

from databricks_cli import DatabricksCliError, echo, print_error, query_cli, run_cli

# Schemas before the volumes in them.
RESOURCE_TYPES = ("schemas", "volumes", "jobs", "dashboards", "pipelines")


@dataclass(frozen=True)
class PlannedResource:
    """Something that the deploy would create, and with which settings."""

    type: str
    key: str
    settings: dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", required=True)
    parser.add_argument("--var", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--force-lock", action="store_true")
    parsed = parser.parse_args()
    options = ["--target", parsed.target]
    options += [argument for variable in parsed.var for argument in ("--var", variable)]
    lock = ["--force-lock"] if parsed.force_lock else []
    try:
        planned = planned_resources(query_cli("bundle", "plan", *options))
        for catalog in sorted(
            {resource.settings["catalog_name"] for resource in planned if resource.type == "schemas"}
        ):
            require_catalog(catalog)
        for resource in planned:
            for existing_id in existing_ids(resource)[:1]:
                echo(f"Taking over {resource.type[:-1]} {existing_id}, which is there already ...")
                bind = ["bundle", "deployment", "bind", resource.key, existing_id, "--auto-approve"]
                run_cli(*bind, *options, *lock)
    except DatabricksCliError as error:
        print_error("deploy.sh", error)
        return 1
    return 0


def planned_resources(plan: dict[str, Any]) -> list[PlannedResource]:
    """What the deploy would create, in the order in which it can be taken over."""
    resources = []
    for name, change in plan.get("plan", {}).items():
        parts = name.split(".")
        if change.get("action") == "create" and len(parts) == 3 and parts[1] in RESOURCE_TYPES:
            resources.append(PlannedResource(parts[1], parts[2], change["new_state"]["value"]))
    return sorted(resources, key=lambda resource: (RESOURCE_TYPES.index(resource.type), resource.key))


def require_catalog(catalog: str) -> None:
    """Checked first, as the deploy would make half of the bundle before it finds out.

    Raises:
        DatabricksCliError: it is not there, or we may not see it.
    """
    try:
        query_cli("catalogs", "get", catalog)
    except DatabricksCliError as error:
        message = f"The catalog {catalog} cannot be used; docs/databricks.md makes it. {error}"
        raise DatabricksCliError(message) from None


def existing_ids(resource: PlannedResource) -> list[str]:
    """The ids of what the workspace has of it, the oldest first."""
    settings = resource.settings
    if resource.type == "schemas":
        return _full_names(settings["name"], query_cli("schemas", "list", settings["catalog_name"]))
    if resource.type == "volumes":
        catalog, schema = settings["catalog_name"], settings["schema_name"]
        if not _full_names(schema, query_cli("schemas", "list", catalog)):
            return []
        return _full_names(settings["name"], query_cli("volumes", "list", catalog, schema))
    if resource.type == "dashboards":
        # Its folder is the deployment's own, so that whatever is there by that name came from an earlier deploy.
        path = f"{settings['parent_path']}/{settings['display_name']}.lvdash.json"
        dashboards = query_cli("lakeview", "list") or []
        return [
            dashboard["dashboard_id"]
            for dashboard in dashboards
            if dashboard.get("path", "").removeprefix("/Workspace") == path.removeprefix("/Workspace")
        ]
    if resource.type == "pipelines":
        listed = query_cli("pipelines", "list-pipelines", "--filter", f"name LIKE '{settings['name']}'") or []
        pipelines = [query_cli("pipelines", "get", pipeline["pipeline_id"]) for pipeline in listed]
        return [
            pipeline["pipeline_id"]
            for pipeline in pipelines
            if pipeline["spec"].get("deployment", {}).get("metadata_file_path")
            == settings["deployment"]["metadata_file_path"]
        ]
    # A name may be anybody's. That a job came from this bundle and target is what its deployment says.
    deployment_file = settings["deployment"]["metadata_file_path"]
    job_ids = sorted(job["job_id"] for job in query_cli("jobs", "list", "--name", settings["name"]) or [])
    jobs = {str(job_id): query_cli("jobs", "get", str(job_id))["settings"] for job_id in job_ids}
    return [
        job_id
        for job_id, job in jobs.items()
        if job["name"] == settings["name"] and job.get("deployment", {}).get("metadata_file_path") == deployment_file
    ]


def _full_names(name: str, securables: list[dict[str, Any]] | None) -> list[str]:
    return [securable["full_name"] for securable in securables or [] if securable["name"] == name]


if __name__ == "__main__":
    sys.exit(main())
