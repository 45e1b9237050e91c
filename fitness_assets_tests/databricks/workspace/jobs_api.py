"""`/api/2.x/jobs/runs`: submit, get, list, cancel and the output of a task."""

import threading
from typing import TYPE_CHECKING, Any

from fitness_assets_tests.databricks.workspace import submission
from fitness_assets_tests.databricks.workspace.execution import execute
from fitness_assets_tests.databricks.workspace.messages import Answer, Request, invalid
from fitness_assets_tests.databricks.workspace.runs import Run, TaskRun, now, shown, shown_task

if TYPE_CHECKING:
    from fitness_assets_tests.databricks.workspace.workspace import Workspace

MOST_OUTPUT = 5 * 1024 * 1024
MOST_LISTED = 25


def submit(workspace: "Workspace", request: Request) -> Answer:
    """Starts a run, or gives the one that has the same idempotency token."""
    body = submission.accepted(request.json, workspace.clusters)
    token = body.get("idempotency_token")
    with workspace.lock:
        earlier = workspace.tokens.get(token) if token else None
        if earlier is not None:
            return Answer(body={"run_id": earlier})
        run = _accepted(workspace, body)
        if token:
            workspace.tokens[token] = run.run_id
        workspace.runs[run.run_id] = run
    thread = threading.Thread(target=execute, args=(workspace, run), name=f"run {run.run_id}", daemon=True)
    workspace.threads.append(thread)
    thread.start()
    return Answer(body={"run_id": run.run_id})


def _accepted(workspace: "Workspace", body: dict[str, Any]) -> Run:
    run_id, job_id = workspace.next_id(), workspace.next_id()
    tasks = []
    for task in body["tasks"]:
        task_id = workspace.next_id()
        tasks.append(TaskRun(task_id, task, workspace.folder / "runs" / str(task_id)))
    return Run(run_id, job_id, body, tasks)


def _run(workspace: "Workspace", run_id: Any) -> tuple[Run, TaskRun | None]:
    """A run by its own id or by that of one of its tasks."""
    for run in list(workspace.runs.values()):
        for task in (None, *run.tasks):
            if (task or run).run_id == run_id:
                return run, task
    raise invalid(f"Run {run_id} does not exist.")


def get(workspace: "Workspace", request: Request) -> Answer:
    """A run as it stands."""
    run, task = _run(workspace, request.number("run_id"))
    view = shown(run, workspace.page, workspace.user)
    if task:
        own = shown_task(run, task, workspace.page)
        view |= {"job_run_id": run.run_id, "tasks": [own]}
        view |= {name: own[name] for name in ("run_id", "run_page_url", "state", "status")}
    return Answer(body=view)


def list_runs(workspace: "Workspace", request: Request) -> Answer:
    """Runs, the newest first, in pages."""
    limit = request.number("limit", 20)
    if not 0 < limit <= MOST_LISTED:
        raise invalid(f"limit must be between 1 and {MOST_LISTED}, not {limit}.")
    active, completed = (request.query.get(name) == "true" for name in ("active_only", "completed_only"))
    if active and completed:
        raise invalid("Only one of active_only and completed_only can be true.")
    since, until = request.number("start_time_from", 0), request.number("start_time_to", now() + 1)
    kind, job = request.query.get("run_type", "SUBMIT_RUN"), request.number("job_id", 0)
    found = [
        run
        for run in reversed(list(workspace.runs.values()))
        if kind == "SUBMIT_RUN"
        and since <= run.created <= until
        and job in (0, run.job_id)
        and not (active and run.outcome.final)
        and not (completed and not run.outcome.final)
    ]
    start = request.number("page_token", 0)
    page, more = found[start : start + limit], len(found) > start + limit
    tasks = request.query.get("expand_tasks") == "true"
    body: dict[str, Any] = {"has_more": more}
    if page:
        body["runs"] = [shown(run, workspace.page, workspace.user, tasks) for run in page]
    if more:
        body["next_page_token"] = str(start + limit)
    return Answer(body=body)


def cancel(workspace: "Workspace", request: Request) -> Answer:
    """Asks a run to end. It is answered at once; a run that is over stays as it is."""
    body = request.json
    _run(workspace, body.get("run_id"))[0].cancelled.set()
    return Answer(body={})


def get_output(workspace: "Workspace", request: Request) -> Answer:
    """What one task wrote, and how it failed."""
    run, task = _run(workspace, request.number("run_id"))
    if task is None:
        raise invalid(
            "Retrieving the output of runs with multiple tasks is not supported. "
            "Please retrieve the output of each individual task run instead."
        )
    logs = task.stdout + task.stderr
    body: dict[str, Any] = {"metadata": shown_task(run, task, workspace.page) | {"job_id": run.job_id}}
    if logs:
        body |= {"logs": logs[-MOST_OUTPUT:], "logs_truncated": len(logs) > MOST_OUTPUT}
    if task.outcome.final and task.outcome.result_state != "SUCCESS":
        trace = task.stderr.strip()
        body |= {"error": trace.splitlines()[-1] if trace else task.outcome.message, "error_trace": trace}
    return Answer(body=body)
