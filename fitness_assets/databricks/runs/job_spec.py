"""What is asked of the workspace: our wheel as one task, on the compute that was chosen."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from databricks.sdk.errors.platform import NotFound
from databricks.sdk.service.compute import AutoScale, ClusterSpec, DataSecurityMode, Environment, Library
from databricks.sdk.service.files import FilesAPI
from databricks.sdk.service.jobs import JobEnvironment, PythonWheelTask, SubmitTask

from fitness_assets.databricks.runs.reporting.message_writer import ATTEMPT_REFERENCE
from fitness_assets.databricks.runs.wheel import stamped_wheel, wheel_version
from fitness_assets.errors import SettingError
from fitness_assets.settings.databricks import EXISTING, JOB, DatabricksSettings

PACKAGE, ENTRY_POINT = "fitness_assets", "fitness-assets-remote"
TASK_KEY = "update_tables"
_ENVIRONMENT_KEY = "fitness_assets"
_SERVERLESS_VERSION = "4"


class SingleAttemptTask(SubmitTask):
    """A task that serverless compute does not run again when it failed: that is Dagster's to say. The SDK beside
    Dagster has no field for it."""

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "disable_auto_optimization": True}


@dataclass(frozen=True)
class JobRequest:
    """What the remote run does.

    Attributes:
        mode: one of the entry point: `once`, `stream`, `maintain`, `erase`, `test` or `probe`.
        tables: full names; empty for all.
        options: further parameters of the entry point.
    """

    mode: str
    tables: Sequence[str] = ()
    options: dict[str, str] = field(default_factory=dict)

    @property
    def is_stream(self) -> bool:
        return self.mode == "stream"

    def parameters(self, settings: DatabricksSettings) -> list[str]:
        """The entry point's parameters, each `--name=value`."""
        values = {
            "mode": self.mode,
            "tables": ",".join(self.tables),
            "env": settings.environment,
            "catalog": settings.catalog,
            "landing": settings.landing_zone,
            "checkpoints": settings.checkpoint_zone,
            "tables-location": settings.tables_location,
            "as-of": settings.as_of,
            "secrets": settings.secret_scope,
            "compute": settings.compute if self.is_stream else "",
            **self.options,
        }
        return [f"--{name}={value}" for name, value in values.items() if value]


@dataclass(frozen=True)
class Uploaded:
    """What a run installs, as paths in volumes.

    Attributes:
        wheel: ours.
        needed: the wheels that ours needs, where the workspace does not get them itself.
        requirements: a file that names them all, ours last; empty where there is ours alone.
    """

    wheel: str
    needed: tuple[str, ...] = ()
    requirements: str = ""


def upload_wheels(files: FilesAPI, settings: DatabricksSettings) -> Uploaded:
    """Our wheel and those that it needs in a volume; what is a file here is uploaded unless the same is there already.

    Raises:
        SettingError: there is no such file.
    """
    wheel = _upload_own(files, settings)
    if not settings.wheels:
        return Uploaded(wheel)
    here = sorted(Path(settings.wheels).expanduser().glob("*.whl"))
    if not here:
        raise SettingError(
            f"FITNESS_WHEELS is {settings.wheels}, and no wheel is in it. Fill it "
            f"(deployment/download-wheels.sh {settings.wheels}), or unset it where the workspace reaches a registry."
        )
    needed = tuple(_upload(files, settings, path.name, path.read_bytes()) for path in here)
    listed = "".join(f"{path}\n" for path in (*needed, wheel))
    return Uploaded(wheel, needed, _upload(files, settings, "requirements.txt", listed.encode()))


def _upload_own(files: FilesAPI, settings: DatabricksSettings) -> str:
    if settings.wheel.startswith("/Volumes/"):
        return settings.wheel
    wheel = Path(settings.wheel).expanduser()
    if wheel.suffix != ".whl" or not wheel.is_file():
        raise SettingError(
            f"FITNESS_WHEEL is {settings.wheel}, and there is no such wheel. Build it (python -m hatchling build -t "
            f"wheel) and name it, or name one in a volume (/Volumes/...)."
        )
    return _upload(files, settings, *stamped_wheel(wheel))


def _upload(files: FilesAPI, settings: DatabricksSettings, name: str, content: bytes) -> str:
    folder = PurePosixPath(settings.messages) / "wheels" / hashlib.sha256(content).hexdigest()[:16]
    path = str(folder / name)
    try:
        files.get_metadata(path)
    except NotFound:
        files.create_directory(str(folder))
        files.upload(path, BytesIO(content), overwrite=True)
    return path


def build_job_spec(
    settings: DatabricksSettings, uploaded: Uploaded, parameters: list[str], has_fixed_size: bool = False
) -> dict[str, Any]:
    """The task, and what else its form of compute needs, as `jobs.submit` takes them.

    Args:
        has_fixed_size: whether a cluster that is made for the run keeps its number of workers, as a stream needs.
    """
    told = [*parameters, f"--attempt={ATTEMPT_REFERENCE}", f"--wheel={wheel_version(uploaded.wheel)}"]
    wheel_task = PythonWheelTask(package_name=PACKAGE, entry_point=ENTRY_POINT, parameters=told)
    task = SubmitTask(task_key=TASK_KEY, python_wheel_task=wheel_task, timeout_seconds=settings.timeout_seconds or None)
    # In one file, as a cluster installs its libraries one by one: what ours needs would have to come before it.
    libraries = [Library(requirements=uploaded.requirements) if uploaded.needed else Library(whl=uploaded.wheel)]
    if settings.compute == EXISTING:
        task.existing_cluster_id, task.libraries = settings.cluster_id, libraries
    elif settings.compute == JOB:
        task.new_cluster, task.libraries = _new_cluster(settings, has_fixed_size), libraries
    else:
        task = SingleAttemptTask(**vars(task))
        task.environment_key = _ENVIRONMENT_KEY
        dependencies = [*uploaded.needed, uploaded.wheel]
        environment = Environment(environment_version=_SERVERLESS_VERSION, dependencies=dependencies)
        job_spec: dict[str, Any] = {
            "tasks": [task],
            "environments": [JobEnvironment(_ENVIRONMENT_KEY, environment)],
        }
        return job_spec | ({"budget_policy_id": settings.budget_policy_id} if settings.budget_policy_id else {})
    return {"tasks": [task]}


def _new_cluster(settings: DatabricksSettings, has_fixed_size: bool) -> ClusterSpec:
    workers = max(settings.workers, 1)
    return ClusterSpec(
        spark_version=settings.spark_version,
        node_type_id=settings.node_type,
        num_workers=workers if has_fixed_size else None,
        autoscale=None if has_fixed_size else AutoScale(min_workers=1, max_workers=workers),
        policy_id=settings.policy_id or None,
        apply_policy_default_values=True if settings.policy_id else None,
        data_security_mode=DataSecurityMode.SINGLE_USER,
        # What is submitted has no tags of its own; those of its machines are what its costs are told by.
        custom_tags={"project": PACKAGE, "environment": settings.environment},
    )
