"""A probe from outside the workspace: submitted as a run, waited for, and its answers read."""

import secrets

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.runs.job_spec import JobRequest, build_job_spec, upload_wheels
from fitness_assets.databricks.runs.remote_run import RemoteRun
from fitness_assets.databricks.volume_storage import WorkspaceObjects
from fitness_assets.errors import RemoteError
from fitness_assets.pipeline.state.findings import Findings, read_findings
from fitness_assets.settings.databricks import DatabricksSettings


def probe_workspace(settings: DatabricksSettings) -> Findings:
    """Ask everything on the compute that the settings name.

    Raises:
        SettingError: something that is needed is not set.
        WorkspaceError: the workspace refuses the run or does not answer.
        RemoteError: the run ended before it had answers.
    """
    client = Client.from_env(settings.patience_seconds)
    token = f"probe-{secrets.token_hex(8)}"
    run = RemoteRun(client.jobs, token, settings.poll_seconds)
    parameters = JobRequest("probe", options={"probe": token}).parameters(settings)
    is_over = False
    try:
        run.submit(build_job_spec(settings, upload_wheels(client.files, settings), parameters))
        *_, final = run.follow()
        is_over = True
    finally:
        if not is_over:
            run.cancel()
    answers = read_findings(WorkspaceObjects(client.files, settings.checkpoint_zone))
    found = next((findings for findings in answers if findings.run == token), None)
    if found is None:
        reason = run.failure_reason(final) or f"Run {run.run_id} ended well and kept no answers. {run.page_url}"
        raise RemoteError(f"{reason}\n{run.task_output(final)}".strip())
    return found
