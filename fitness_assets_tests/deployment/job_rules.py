"""What the Jobs API refuses of a job, and what the public emulator takes.

A job has one thing that starts it (https://learn.microsoft.com/azure/databricks/jobs/triggers). On serverless compute a
continuous job is for tasks that end (https://learn.microsoft.com/azure/databricks/jobs/continuous): the service finds
out when the run goes on for ever, this stand-in before it is made.
"""

from typing import Any

_STARTS = ("schedule", "trigger", "continuous")
_MIN_SECONDS = 60


def refusal(settings: dict[str, Any]) -> str | None:
    """Why a job of these settings cannot be; None where it can."""
    starts = [name for name in _STARTS if settings.get(name)]
    if len(starts) > 1:
        return f"A job has one trigger, and this one has {' and '.join(starts)}."
    if settings.get("continuous"):
        return next((reason for task in settings["tasks"] if (reason := _endless(task, settings))), None)
    if "file_arrival" in settings.get("trigger", {}):
        return _wrong_arrival(settings["trigger"]["file_arrival"])
    return None


def _endless(task: dict[str, Any], settings: dict[str, Any]) -> str | None:
    """Why a task is none for a continuous job."""
    parameters = task["python_wheel_task"]["named_parameters"]
    has_end = parameters["mode"] != "stream" or float(parameters.get("seconds", 0)) > 0
    if "environment_key" in task and not has_end:
        return f"Task {task['task_key']} has no end, and a continuous job on serverless compute is for tasks that end."
    clusters = {cluster["job_cluster_key"]: cluster["new_cluster"] for cluster in settings.get("job_clusters", [])}
    if "autoscale" in clusters.get(task.get("job_cluster_key"), {}):
        return f"Task {task['task_key']} streams on a cluster that changes its size."
    return None


def _wrong_arrival(arrival: dict[str, Any]) -> str | None:
    if not arrival["url"].startswith(("/Volumes/", "abfss://")) or not arrival["url"].endswith("/"):
        return f"{arrival['url']} is no folder of a volume or of an external location."
    for name in ("min_time_between_triggers_seconds", "wait_after_last_change_seconds"):
        if arrival.get(name, _MIN_SECONDS) < _MIN_SECONDS:
            return f"{name} must be at least {_MIN_SECONDS} seconds."
    return None
