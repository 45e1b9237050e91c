"""`/api/2.x/jobs/runs`: submit, get, list, cancel and the output of a task."""

import threading
from typing import Any

from fitness_assets_tests.databricks.fake_workspace.api.submit_validation import validate_submission
from fitness_assets_tests.databricks.fake_workspace.executor import execute
from fitness_assets_tests.databricks.fake_workspace.http_messages import Request, Response, invalid
from fitness_assets_tests.databricks.fake_workspace.runs import Run, TaskRun, describe_run, describe_task, now_millis
from fitness_assets_tests.databricks.fake_workspace.state import WorkspaceState

MAX_OUTPUT_BYTES = 5 * 1024 * 1024
MAX_RUNS_PAGE = 25


def submit(workspace: WorkspaceState, request: Request) -> Response:
    """Starts a run, or gives the one that has the same idempotency token."""
    body = validate_submission(request.json, workspace)
    token = body.get("idempotency_token")
    with workspace.lock:
        existing = workspace.run_ids.get(token) if token else None
        if existing is not None:
            return Response(body={"run_id": existing})
        run = _new_run(workspace, body)
        if token:
            workspace.run_ids[token] = run.run_id
        workspace.runs[run.run_id] = run
    thread = threading.Thread(target=execute, args=(workspace, run), name=f"run {run.run_id}", daemon=True)
    workspace.threads.append(thread)
    thread.start()
    return Response(body={"run_id": run.run_id})


def _new_run(workspace: WorkspaceState, body: dict[str, Any]) -> Run:
    run_id, job_id = workspace.next_id(), workspace.next_id()
    tasks = []
    for task in body["tasks"]:
        task_id = workspace.next_id()
        tasks.append(TaskRun(task_id, task, workspace.folder / "runs" / str(task_id)))
    return Run(run_id=run_id, job_id=job_id, body=body, tasks=tasks)


def _find_run(workspace: WorkspaceState, run_id: Any) -> tuple[Run, TaskRun | None]:
    """A run by its own id or by that of one of its tasks."""
    for run in list(workspace.runs.values()):
        for task in (None, *run.tasks):
            if (task or run).run_id == run_id:
                return run, task
    raise invalid(f"Run {run_id} does not exist.")


def get(workspace: WorkspaceState, request: Request) -> Response:
    """A run as it stands."""
    run, task = _find_run(workspace, request.number("run_id"))
    description = describe_run(run, workspace.page_url, workspace.user)
    if task:
        task_description = describe_task(run, task, workspace.page_url)
        description |= {"job_run_id": run.run_id, "tasks": [task_description]}
        description |= {name: task_description[name] for name in ("run_id", "run_page_url", "state", "status")}
    return Response(body=description)


def list_runs(workspace: WorkspaceState, request: Request) -> Response:
    """Runs, the newest first, in pages."""
    limit = request.number("limit", 20)
    if not 0 < limit <= MAX_RUNS_PAGE:
        raise invalid(f"limit must be between 1 and {MAX_RUNS_PAGE}, not {limit}.")
    active_only, completed_only = (request.query.get(name) == "true" for name in ("active_only", "completed_only"))
    if active_only and completed_only:
        raise invalid("Only one of active_only and completed_only can be true.")
    since, until = request.number("start_time_from", 0), request.number("start_time_to", now_millis() + 1)
    run_type, job_id = request.query.get("run_type", "SUBMIT_RUN"), request.number("job_id", 0)
    runs = [
        run
        for run in reversed(list(workspace.runs.values()))
        if run_type == "SUBMIT_RUN"
        and since <= run.created <= until
        and job_id in (0, run.job_id)
        and not (active_only and run.state.is_final)
        and not (completed_only and not run.state.is_final)
    ]
    start = request.number("page_token", 0)
    page, has_more = runs[start : start + limit], len(runs) > start + limit
    with_tasks = request.query.get("expand_tasks") == "true"
    body: dict[str, Any] = {"has_more": has_more}
    if page:
        body["runs"] = [describe_run(run, workspace.page_url, workspace.user, with_tasks) for run in page]
    if has_more:
        body["next_page_token"] = str(start + limit)
    return Response(body=body)


def cancel(workspace: WorkspaceState, request: Request) -> Response:
    """Asks a run to end. It is answered at once; a run that is over stays as it is."""
    body = request.json
    _find_run(workspace, body.get("run_id"))[0].cancelled.set()
    return Response(body={})


def get_output(workspace: WorkspaceState, request: Request) -> Response:
    """What one task wrote, and how it failed."""
    run, task = _find_run(workspace, request.number("run_id"))
    if task is None:
        raise invalid(
            "Retrieving the output of runs with multiple tasks is not supported. "
            "Please retrieve the output of each individual task run instead."
        )
    logs = task.stdout + task.stderr
    body: dict[str, Any] = {"metadata": describe_task(run, task, workspace.page_url) | {"job_id": run.job_id}}
    if logs:
        body |= {"logs": logs[-MAX_OUTPUT_BYTES:], "logs_truncated": len(logs) > MAX_OUTPUT_BYTES}
    if task.state.is_final and task.state.result_state != "SUCCESS":
        trace = task.stderr.strip()
        body |= {"error": trace.splitlines()[-1] if trace else task.state.message, "error_trace": trace}
    return Response(body=body)
