"""One sitting with a workspace: catalog and policies together, one change after another."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from databricks.sdk.core import DatabricksError

from fitness_assets.databricks.calls import Sql
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.governance import plan as catalog_plan
from fitness_assets.databricks.governance.apply import Applier
from fitness_assets.databricks.governance.declared import declare
from fitness_assets.databricks.governance.verify import verify
from fitness_assets.databricks.policies.manage import Policies
from fitness_assets.databricks.state import Change
from fitness_assets.databricks.workspace import Workspace
from fitness_assets.errors import GovernanceError

ROUNDS = 3
"""How often `apply` looks again at what it made."""
PATIENCE_SECONDS = 60.0
"""For so long a call is tried again: a person is waiting."""


class Session:
    """The declaration of one environment beside its workspace."""

    def __init__(self, client: Client, workspace: Workspace, rotate: bool = False) -> None:
        self.workspace = workspace
        self.host = client.host
        self._client = client
        self._sql = Sql(client, workspace.warehouse)
        self._declared = declare(workspace)
        self._policies = Policies(client, workspace)
        self._rotate = rotate

    @classmethod
    def open(cls, environment: str | None, rotate: bool = False) -> "Session":
        """With the workspace that the environment names.

        Raises:
            SettingError: a setting is missing or cannot be understood.
        """
        workspace = Workspace.from_env(environment)
        return cls(Client.from_env(PATIENCE_SECONDS), workspace, rotate)

    def plan(self) -> Iterator[str]:
        """A line for each change that `apply` would make, and with a dot in front what cannot be done yet."""
        steps, notes = self._look(self._rotate)
        yield from (str(change) for change, _ in steps)
        yield from (f". {note}" for note in notes)

    def apply(self) -> Iterator[str]:
        """Make each change and say it, until nothing differs: a new catalog can come with grants that nobody asked
        for. What was applied stays; a repeated apply goes on from there.

        Raises:
            GovernanceError: the workspace refuses one, or does not keep it.
        """
        for number in range(ROUNDS):
            steps, notes = self._look(self._rotate and number == 0)
            if not steps:
                yield from (f". {note}" for note in notes)
                return
            for change, make in steps:
                with _in_one_line(self.host):
                    make(change)
                yield str(change)
        raise GovernanceError(f"The workspace {self.host} takes these changes and does not keep them: {steps[0][0]}")

    def verify(self) -> list[str]:
        """Everything that does not hold as declared, a line each."""
        with _in_one_line(self.host):
            found = verify(self._client, self._sql, self._declared)
            return found + [f"not as declared: {change}" for change in self._policies.plan().changes]

    def _look(self, rotate: bool) -> tuple[list[tuple[Change, Callable[[Change], None]]], list[str]]:
        with _in_one_line(self.host):
            ours = catalog_plan.plan(self._client, self._sql, self._declared)
            policies = self._policies.plan(rotate)
        applier = Applier(self._client, self._sql, self._declared)
        steps: list[tuple[Change, Callable[[Change], None]]] = [(change, applier.apply) for change in ours.changes]
        steps += [(change, self._policies.apply) for change in policies.changes]
        # All that closes comes before all that opens, across both.
        return sorted(steps, key=lambda step: step[0].phase), ours.notes + policies.notes


@contextmanager
def _in_one_line(host: str) -> Iterator[None]:
    """Makes what the workspace answers one line for people."""
    try:
        yield
    except DatabricksError as error:
        said = str(error).splitlines()[0] if str(error) else repr(error)
        raise GovernanceError(f"The workspace {host} cannot be worked with: {said}") from error
