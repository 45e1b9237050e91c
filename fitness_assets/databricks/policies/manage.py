"""Policies, their permissions and the secret scope: declared, found and applied."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from databricks.sdk.core import DatabricksError
from databricks.sdk.errors import InvalidParameterValue, ResourceAlreadyExists
from databricks.sdk.service.compute import ClusterPolicyAccessControlRequest, ClusterPolicyPermissionLevel
from databricks.sdk.service.workspace import AclPermission

from fitness_assets.databricks.calls import or_none, refused
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.policies import secrets
from fitness_assets.databricks.policies.compute import Policy, policies
from fitness_assets.databricks.state import Aspect, Change, Fact, changes
from fitness_assets.databricks.workspace import Workspace, is_application_id
from fitness_assets.errors import WorkspaceError


@dataclass(frozen=True)
class PolicyPlan:
    """What would be done, and which secrets nobody has given a value."""

    changes: list[Change]
    notes: list[str] = field(default_factory=list)


class Policies:
    """The compute policies and the secret scope of one environment.

    Args:
        values: where the values of secrets come from; the process's environment.
    """

    def __init__(self, client: Client, workspace: Workspace, values: Mapping[str, str] | None = None) -> None:
        self._client = client
        self._workspace = workspace
        self._declared = {policy.name: policy for policy in policies(workspace)}
        self._values = os.environ if values is None else values

    def plan(self, rotate: bool = False) -> PolicyPlan:
        """Compare; it changes nothing.

        Args:
            rotate: secrets that are there are written anew from their settings.
        """
        found = self._found()
        wanted = self._wanted()
        scope = Fact(Aspect.SCOPE, f"scope {secrets.scope(self._workspace)}")
        notes: list[str] = []
        again: list[Change] = []
        for setting in secrets.SECRETS:
            fact = Fact(Aspect.SECRET, f"{secrets.scope(self._workspace)}/{setting}")
            given = bool(self._values.get(setting))
            if fact in found and given and rotate:
                again.append(Change(fact, "there", "there"))
            elif fact not in found and not given:
                notes.append(f"secret {fact.on} is not there, and the setting is not set here.")
            # A new scope is looked at once more before a secret goes into it: somebody may be able to read it.
            if fact in found or (given and scope in found):
                wanted[fact] = "there"
        return PolicyPlan(changes(found, wanted) + again, notes)

    def apply(self, change: Change) -> None:
        """Make one change; it may be repeated.

        Raises:
            GovernanceError: the workspace refuses it.
        """
        try:
            match change.fact.aspect:
                case Aspect.POLICY:
                    self._write(self._declared[_name(change.fact)])
                case Aspect.POLICY_PERMISSION:
                    self._permit(self._declared[_name(change.fact)])
                case Aspect.SCOPE:
                    self._make_scope(_name(change.fact))
                case Aspect.SECRET:
                    name, key = change.fact.on.split("/")
                    value = self._values[key]
                    self._client.secrets.put_secret(name, key, string_value=value)
                case Aspect.SCOPE_ACL:
                    self._allow(_name(change.fact), change.fact.detail[0], change.after)
        except (DatabricksError, WorkspaceError) as error:
            raise refused(error, str(change)) from error

    def _wanted(self) -> dict[Fact, str]:
        wanted: dict[Fact, str] = {}
        for policy in self._declared.values():
            wanted[Fact(Aspect.POLICY, f"policy {policy.name}")] = _text(
                policy.description, dict(policy.definition), policy.clusters_per_user
            )
            for user in policy.users:
                wanted[Fact(Aspect.POLICY_PERMISSION, f"policy {policy.name}", (user,))] = "CAN_USE"
        scope = f"scope {secrets.scope(self._workspace)}"
        wanted[Fact(Aspect.SCOPE, scope)] = "there"
        for principal, permission in secrets.permissions(self._workspace).items():
            wanted[Fact(Aspect.SCOPE_ACL, scope, (principal,))] = permission
        return wanted

    def _found(self) -> dict[Fact, str]:
        found: dict[Fact, str] = {}
        for policy in self._client.cluster_policies.list():
            if policy.name not in self._declared:
                continue
            on = f"policy {policy.name}"
            definition = json.loads(policy.definition or "{}")
            text = _text(policy.description or "", definition, policy.max_clusters_per_user)
            found[Fact(Aspect.POLICY, on)] = text
            for user, level in self._permissions(policy.policy_id or ""):
                found[Fact(Aspect.POLICY_PERMISSION, on, (user,))] = level
        name = secrets.scope(self._workspace)
        if name in {one.name for one in self._client.secrets.list_scopes()}:
            found[Fact(Aspect.SCOPE, f"scope {name}")] = "there"
            me = self._client.current_user.me().user_name
            for acl in self._client.secrets.list_acls(name):
                # Whoever made the scope manages it; that right is what the next apply works with.
                if acl.principal != me:
                    permission = acl.permission.value if acl.permission else ""
                    found[Fact(Aspect.SCOPE_ACL, f"scope {name}", (acl.principal or "",))] = permission
            for secret in self._client.secrets.list_secrets(name):
                if secret.key in secrets.SECRETS:
                    found[Fact(Aspect.SECRET, f"{name}/{secret.key}")] = "there"
        return found

    def _permissions(self, policy_id: str) -> list[tuple[str, str]]:
        there = self._client.cluster_policies.get_permissions(policy_id)
        return [
            (entry.group_name or entry.service_principal_name or entry.user_name or "", one.permission_level.value)
            for entry in there.access_control_list or []
            for one in entry.all_permissions or []
            if one.permission_level and not one.inherited
        ]

    def _write(self, policy: Policy) -> None:
        definition = json.dumps(policy.definition, sort_keys=True)
        most, said = policy.clusters_per_user, policy.description
        api = self._client.cluster_policies

        def write() -> None:
            # Looked up each time: a call whose answer was lost may have made it.
            there = self._id(policy.name)
            if there:
                api.edit(there, name=policy.name, definition=definition, description=said, max_clusters_per_user=most)
            else:
                api.create(name=policy.name, definition=definition, description=said, max_clusters_per_user=most)

        try:
            write()
        except (ResourceAlreadyExists, InvalidParameterValue):
            if not self._id(policy.name):
                raise
            write()

    def _permit(self, policy: Policy) -> None:
        wanted = [
            ClusterPolicyAccessControlRequest(
                group_name=None if is_application_id(user) else user,
                service_principal_name=user if is_application_id(user) else None,
                permission_level=ClusterPolicyPermissionLevel.CAN_USE,
            )
            for user in policy.users
        ]
        there = self._id(policy.name) or ""
        self._client.cluster_policies.set_permissions(there, access_control_list=wanted)

    def _id(self, name: str) -> str | None:
        listed = self._client.cluster_policies.list()
        return next((policy.policy_id for policy in listed if policy.name == name), None)

    def _make_scope(self, name: str) -> None:
        try:
            self._client.secrets.create_scope(name)
        except ResourceAlreadyExists:
            return

    def _allow(self, name: str, principal: str, permission: str | None) -> None:
        if permission is None:
            or_none(lambda: self._client.secrets.delete_acl(name, principal))
        else:
            self._client.secrets.put_acl(name, principal, AclPermission(permission))


def _name(fact: Fact) -> str:
    return fact.on.split(" ", 1)[1]


def _text(description: str, definition: object, clusters_per_user: int | None) -> str:
    """A policy as one text that is the same for the same policy."""
    whole = {"definition": definition, "description": description, "clusters per user": clusters_per_user}
    return json.dumps(whole, sort_keys=True)
