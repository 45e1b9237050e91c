"""A workspace beside its declaration, catalog and policies together: planned, applied one change after another, and
verified."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

from databricks.sdk.core import DatabricksError

from fitness_assets.databricks.changes import Aspect, Change
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.errors import first_line
from fitness_assets.databricks.governance.catalog.actual import read_actual_catalog
from fitness_assets.databricks.governance.catalog.applier import CatalogApplier
from fitness_assets.databricks.governance.catalog.comparison import compare_catalogs
from fitness_assets.databricks.governance.catalog.desired import DesiredCatalog, build_desired_catalog
from fitness_assets.databricks.governance.catalog.governed_tags import GovernedTags
from fitness_assets.databricks.governance.catalog.probed import read_probed, refused_aspects
from fitness_assets.databricks.governance.catalog.verification import verify_catalog
from fitness_assets.databricks.governance.preflight import find_missing, require_prerequisites
from fitness_assets.databricks.governance.principals.groups import GroupProvisioner
from fitness_assets.databricks.policies.manager import PolicyManager
from fitness_assets.databricks.sql_warehouse import SqlWarehouse
from fitness_assets.databricks.workspace import Workspace
from fitness_assets.errors import GovernanceError

MAX_ROUNDS = 3
"""How often `apply` compares again what it made."""
RETRY_SECONDS = 60.0
"""For so long a call is tried again: a person is waiting."""

_Step = tuple[Change, Callable[[Change], None]]
"""A change and what makes it."""


class GovernedWorkspace:
    """The declaration of one environment beside its workspace.

    Args:
        rotate: secrets that are there already are written anew.
    """

    def __init__(self, client: Client, workspace: Workspace, rotate: bool = False) -> None:
        self.workspace = workspace
        self.host = client.host
        self._client = client
        self._warehouse = SqlWarehouse(client, workspace.warehouse)
        self._policies = PolicyManager(client, workspace)
        self._tags = GovernedTags(client, workspace)
        self._rotate = rotate

    @classmethod
    def from_env(cls, environment: str | None, rotate: bool = False) -> "GovernedWorkspace":
        """The workspace that the environment names.

        Raises:
            SettingError: a setting is missing or cannot be understood.
        """
        workspace = Workspace.from_env(environment)
        return cls(Client.from_env(RETRY_SECONDS), workspace, rotate)

    def plan(self) -> Iterator[str]:
        """A line for each change that `apply` would make, and with a dot in front what cannot be done yet."""
        steps, notes = self._steps(self._rotate)
        yield from (str(change) for change, _ in steps)
        yield from (f". {note}" for note in notes)
        with _errors_as_one_line(self.host):
            missing = list(find_missing(self._client, self.workspace, _changes_policies(steps)))
        yield from (f". missing: {line}" for line in missing)

    def apply(self) -> Iterator[str]:
        """Make each change and give it as a line, until nothing differs: a new catalog can come with grants that
        nobody asked for. What was applied stays; a repeated apply goes on from there.

        Raises:
            PreflightError: principals, rights or objects that it needs are missing; nothing was changed.
            GovernanceError: the workspace refuses one, or does not keep it.
        """
        for round_number in range(MAX_ROUNDS):
            steps, notes = self._steps(self._rotate and round_number == 0)
            if round_number == 0:
                with _errors_as_one_line(self.host):
                    require_prerequisites(self._client, self.workspace, _changes_policies(steps))
            if not steps:
                yield from (f". {note}" for note in notes)
                return
            for change, apply_change in steps:
                with _errors_as_one_line(self.host):
                    apply_change(change)
                yield str(change)
        unkept = steps[0][0]
        actual = f" It gives back: {unkept.before}" if unkept.before else ""
        raise GovernanceError(f"The workspace {self.host} takes these changes and does not keep them: {unkept}{actual}")

    def verify(self) -> list[str]:
        """Everything that does not hold as declared, a line each."""
        with _errors_as_one_line(self.host):
            findings = verify_catalog(self._client, self._warehouse, self._desired)
            changes = [*self._policies.plan().changes, *self._tags.plan().changes]
            return findings + [f"not as declared: {change}" for change in changes]

    def group_provisioner(self, members: Mapping[str, tuple[str, ...]]) -> GroupProvisioner:
        """What makes the groups that the declaration names.

        Args:
            members: who shall be in a group, by the group's name.
        """
        return GroupProvisioner(self._client, self.workspace, members)

    @cached_property
    def _refused(self) -> dict[Aspect, str]:
        return refused_aspects(read_probed(self._client, self.workspace))

    @cached_property
    def _desired(self) -> DesiredCatalog:
        return build_desired_catalog(self.workspace, self._refused)

    @cached_property
    def _applier(self) -> CatalogApplier:
        return CatalogApplier(self._client, self._warehouse, self._desired)

    def _steps(self, rotate: bool) -> tuple[list[_Step], list[str]]:
        """What has to be done, in order, and the notes on what cannot be done yet."""
        with _errors_as_one_line(self.host):
            actual = read_actual_catalog(self._client, self._warehouse, self._desired)
            catalog_plan = compare_catalogs(actual, self._desired)
            policy_plan = self._policies.plan(rotate)
            tag_plan = self._tags.plan()
        steps: list[_Step] = [(change, self._applier.apply) for change in catalog_plan.changes]
        steps += [(change, self._policies.apply) for change in policy_plan.changes]
        steps += [(change, self._tags.apply) for change in tag_plan.changes]
        # All that closes comes before all that opens, across both.
        left_out = [
            f"{aspect.value} is left out: the probe found no compute that takes it ({where})."
            for aspect, where in self._refused.items()
        ]
        return sorted(steps, key=lambda step: step[0].phase), catalog_plan.notes + policy_plan.notes + left_out


def _changes_policies(steps: list[_Step]) -> bool:
    return any(change.fact.aspect in (Aspect.POLICY, Aspect.POLICY_PERMISSION) for change, _ in steps)


@contextmanager
def _errors_as_one_line(host: str) -> Iterator[None]:
    try:
        yield
    except DatabricksError as error:
        raise GovernanceError(f"The workspace {host} cannot be worked with: {first_line(error)}") from error
