"""Asking all questions on this compute, keeping the answers, and holding updates to them."""

import secrets
import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from importlib import metadata

from pyspark.sql import SparkSession

from fitness_assets.databricks.probe import lakeflow, runtime, table_layout, tables, volumes
from fitness_assets.databricks.probe.questions import Question, Surroundings
from fitness_assets.errors import WorkspaceError, error_summary
from fitness_assets.pipeline.state.findings import Finding, Findings, read_findings, write_findings
from fitness_assets.settings import Settings
from fitness_assets.settings.engine import MachineSettings, is_serverless
from fitness_assets.storage import open_storage

QUESTIONS: dict[str, Question] = {
    question.name: question
    for subject in (
        volumes.questions,
        runtime.questions,
        tables.questions,
        table_layout.questions,
        lakeflow.questions,
    )
    for question in subject.all
}
"""All questions by their names, in the order in which they are asked."""
_FOLDER = "probe_scratch"


def compute_kind(spark: SparkSession) -> str:
    """What a session runs on: `serverless`, `standard` (Spark Connect alone) or `dedicated`."""
    if is_serverless():
        return "serverless"
    return "standard" if "connect" in type(spark).__module__ else "dedicated"


def runtime_version() -> str:
    """The version of the Databricks runtime, or of the serverless environment; empty on no machine of theirs."""
    return MachineSettings.from_env().databricks_runtime or ""


def run_probe(spark: SparkSession, settings: Settings, scope: str, run: str) -> Findings:
    """Ask everything on this compute and keep the answers; nothing of it stays but these and a small file of times.

    Args:
        scope: the secret scope of the runs; empty for none.
        run: what this run is called by whoever started it.

    Raises:
        WorkspaceError: there is no place to ask, or to keep the answers.
    """
    storage, compute, token = open_storage(settings.checkpoint_zone), compute_kind(spark), secrets.token_hex(6)
    schema = f"`{settings.catalog}`.bronz_db"
    folder = settings.checkpoint_zone / _FOLDER / token
    try:
        folder.mkdir(parents=True)
        if spark.sql(f"SHOW SCHEMAS IN `{settings.catalog}` LIKE 'bronz_db'").isEmpty():
            spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}").collect()
        surroundings = Surroundings(
            spark=spark,
            settings=settings,
            folder=folder,
            schema=schema,
            scope=scope,
            token=token,
            compute=compute,
            others=read_findings(storage),
        )
        found = Findings(
            compute=compute,
            runtime=runtime_version(),
            at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            run=run,
            wheel=metadata.version("fitness_assets"),
            findings=tuple(question.answered(surroundings) for question in QUESTIONS.values()),
        )
        write_findings(storage, found)
    except Exception as error:  # whatever keeps it from asking at all is told with what to do
        raise WorkspaceError(
            f"{settings.checkpoint_zone} cannot be probed: {error_summary(error)} The bundle makes the volume "
            f"and the schema; the service principal reads and writes them."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def needed_problems(findings: Findings) -> list[str]:
    """What updates need and this compute does not have, each as a sentence that says what follows."""
    return [
        f"{question.name}: not so on {findings.place}: {question.statement} ({finding.detail}). {question.if_not}"
        for question, finding in known_findings(findings)
        if question.is_needed and not finding.is_so
    ]


def known_findings(findings: Findings) -> Iterator[tuple[Question, Finding]]:
    """The answers to questions that this version asks too."""
    for finding in findings.findings:
        if finding.name in QUESTIONS:
            yield QUESTIONS[finding.name], finding


def require_probed(settings: Settings, compute: str, version: str) -> None:
    """Refuse to work on compute of which a probe has found that it lacks what updates need.

    Compute that was never probed is taken, and so is a version of its runtime that was not: another may have what is
    missing.

    Args:
        version: of the runtime.

    Raises:
        WorkspaceError: it lacks it.
    """
    for findings in read_findings(open_storage(settings.checkpoint_zone)):
        problems = needed_problems(findings) if (findings.compute, findings.runtime) == (compute, version) else []
        if problems:
            raise WorkspaceError(
                f"The probe of {findings.at} found that {'; '.join(problems)}. When that is mended run "
                f"`fitness-assets databricks probe` again: what it finds then counts."
            )
