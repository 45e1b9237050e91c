"""What the probe found that a workspace does not take, so that nobody asks for it."""

from collections.abc import Sequence
from contextlib import suppress

from fitness_assets.databricks.changes import Aspect
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.volume_storage import WorkspaceObjects
from fitness_assets.databricks.workspace import CHECKPOINT_VOLUME, Workspace
from fitness_assets.errors import WorkspaceError
from fitness_assets.pipeline.state.findings import Findings, read_findings

_QUESTIONS = {"tables.keys": (Aspect.PRIMARY_KEY, Aspect.FOREIGN_KEY), "tables.clustering": (Aspect.CLUSTERING,)}


def read_probed(client: Client, workspace: Workspace) -> list[Findings]:
    """The answers that lie in the checkpoint zone; none where nobody has asked, or where we may not read them."""
    with suppress(WorkspaceError):
        zone = f"/Volumes/{workspace.catalog}/{CHECKPOINT_VOLUME.replace('.', '/')}"
        return read_findings(WorkspaceObjects(client.files, zone))
    return []


def refused_aspects(probed: Sequence[Findings]) -> dict[Aspect, str]:
    """What no compute takes that was asked, and where it was asked. One that takes it is enough: the SQL warehouse,
    which cannot be probed, is as new as the newest."""
    refused: dict[Aspect, str] = {}
    for question, aspects in _QUESTIONS.items():
        asked = [findings for findings in probed if question in findings.answers]
        if asked and not any(findings.answers[question] for findings in asked):
            refused |= dict.fromkeys(aspects, ", ".join(findings.place for findings in asked))
    return refused
