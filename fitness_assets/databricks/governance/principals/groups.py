"""The groups that governance names: made, let into the workspace, entitled and filled, only where somebody asks for it.

Nothing is ever taken away, and nobody is put out of a group.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from databricks.sdk.core import DatabricksError

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.errors import refusal
from fitness_assets.databricks.governance.principals.directory import NEEDED_ENTITLEMENTS, Directory, Principal
from fitness_assets.databricks.workspace import Role, Workspace, is_application_id
from fitness_assets.errors import GovernanceError, WorkspaceError


@dataclass(frozen=True)
class GroupStep:
    """One thing to do in the account or in the workspace, and what does it."""

    description: str
    run: Callable[[], object]


class GroupProvisioner:
    """Brings the groups of one environment about.

    Args:
        members: who shall be in a group, by the group's name.
    """

    def __init__(self, client: Client, workspace: Workspace, members: Mapping[str, tuple[str, ...]]) -> None:
        self._workspace = workspace
        self._members = members
        self._directory = Directory(client)

    def plan(self) -> list[str]:
        """What `apply` would do, a line each; it changes nothing.

        Raises:
            GovernanceError: somebody who shall be a member is not there, or a group is none of ours.
        """
        return [step.description for step in self._steps()]

    def apply(self) -> Iterator[str]:
        """Do it, a line each; safe to repeat.

        Raises:
            GovernanceError: somebody who shall be a member is not there, a group is none of ours, or the workspace
                refuses a step.
        """
        # A group that is new has its place and its rights still to come.
        for _ in range(3):
            for step in self._steps():
                try:
                    step.run()
                except (DatabricksError, WorkspaceError) as error:
                    raise refusal(
                        error,
                        f"{step.description} (groups of the account are made by its admins, and those that an identity "
                        "provider brings are changed there)",
                    ) from error
                yield step.description

    def _steps(self) -> list[GroupStep]:
        names = dict.fromkeys((*self._workspace.roles.values(), self._workspace.owners, *self._workspace.gyms))
        for group in self._members:
            if group not in names or is_application_id(group):
                raise GovernanceError(f"{group} is no group of this environment; those are {', '.join(names)}.")
        steps: list[GroupStep] = []
        for name in names:
            steps += self._steps_of(name)
        return steps

    def _steps_of(self, name: str) -> Iterator[GroupStep]:
        principal = self._directory.find(name)
        if principal is None:
            if is_application_id(name):
                raise GovernanceError(
                    f"There is no service principal {name}: `databricks service-principals create` makes one."
                )
            yield GroupStep(f"+ group {name}", partial(self._directory.create_group, name))
            return
        yield from self._entitlement_steps(principal)
        for member_name in self._members.get(name, ()):
            member = self._directory.find(member_name)
            if member is None:
                raise GovernanceError(f"{member_name}, who shall be in {name}, is not in the account.")
            if member.id not in principal.members:
                yield GroupStep(
                    f"+ member {member_name} of {name}",
                    partial(self._directory.add_member, principal, member),
                )

    def _entitlement_steps(self, principal: Principal) -> Iterator[GroupStep]:
        roles = [role for role in Role if self._workspace.roles[role] == principal.name]
        if not roles:
            return
        held = self._directory.entitlements(principal.name)
        if held is None:
            yield GroupStep(f"+ {principal.name} in the workspace", partial(self._directory.assign, principal))
            return
        for entitlement in NEEDED_ENTITLEMENTS[roles[0]]:
            if entitlement.value not in held:
                yield GroupStep(
                    f"+ entitlement {entitlement.value} of {principal.name}",
                    partial(self._directory.entitle, principal, entitlement),
                )
