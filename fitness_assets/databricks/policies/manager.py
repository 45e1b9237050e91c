"""Policies, their permissions and the secret scope: desired, actual and applied."""

import json
from collections.abc import Mapping

from databricks.sdk.core import DatabricksError
from databricks.sdk.errors import InvalidParameterValue, ResourceAlreadyExists
from databricks.sdk.service.compute import ClusterPolicyAccessControlRequest, ClusterPolicyPermissionLevel
from databricks.sdk.service.workspace import AclPermission

from fitness_assets.databricks.changes import PRESENT, Aspect, Change, ChangePlan, Fact, changes_between
from fitness_assets.databricks.client import Client, get_or_none
from fitness_assets.databricks.errors import refusal
from fitness_assets.databricks.policies.compute import ComputePolicy, compute_policies
from fitness_assets.databricks.policies.secrets import SECRETS, scope_name, scope_permissions
from fitness_assets.databricks.workspace import Workspace, is_application_id
from fitness_assets.errors import WorkspaceError
from fitness_assets.settings.environment import current_environment


class PolicyManager:
    """The compute policies and the secret scope of one environment.

    Args:
        values: where the values of secrets come from; the process's environment.
    """

    def __init__(self, client: Client, workspace: Workspace, values: Mapping[str, str] | None = None) -> None:
        self._client = client
        self._workspace = workspace
        self._scope = scope_name(workspace)
        self._policies = {policy.name: policy for policy in compute_policies(workspace)}
        self._values = current_environment() if values is None else values

    def plan(self, rotate: bool = False) -> ChangePlan:
        """Compare; it changes nothing. The notes name the secrets that nobody has given a value.

        Args:
            rotate: secrets that are there are written anew from their settings.
        """
        actual, desired = self._actual_facts(), self._desired_facts()
        scope = Fact(Aspect.SCOPE, f"scope {self._scope}")
        notes: list[str] = []
        rotations: list[Change] = []
        for setting in SECRETS:
            secret = Fact(Aspect.SECRET, f"{self._scope}/{setting}")
            has_value = bool(self._values.get(setting))
            if secret in actual and has_value and rotate:
                rotations.append(Change(secret, PRESENT, PRESENT))
            elif secret not in actual and not has_value:
                notes.append(f"secret {secret.subject} is not there, and the setting is not set here.")
            # A new scope is compared once more before a secret goes into it: somebody may be able to read it.
            if secret in actual or (has_value and scope in actual):
                desired[secret] = PRESENT
        return ChangePlan(changes_between(actual, desired) + rotations, notes)

    def apply(self, change: Change) -> None:
        """Make one change; it may be repeated.

        Raises:
            GovernanceError: the workspace refuses it.
        """
        try:
            match change.fact.aspect:
                case Aspect.POLICY:
                    self._write_policy(self._policies[_subject_name(change.fact)])
                case Aspect.POLICY_PERMISSION:
                    self._set_permissions(self._policies[_subject_name(change.fact)])
                case Aspect.SCOPE:
                    self._create_scope(_subject_name(change.fact))
                case Aspect.SECRET:
                    scope, key = change.fact.subject.split("/")
                    self._client.secrets.put_secret(scope, key, string_value=self._values[key])
                case Aspect.SCOPE_ACL:
                    self._set_acl(_subject_name(change.fact), change.fact.detail[0], change.after)
        except (DatabricksError, WorkspaceError) as error:
            raise refusal(error, str(change)) from error

    def _desired_facts(self) -> dict[Fact, str]:
        facts: dict[Fact, str] = {}
        for policy in self._policies.values():
            subject = f"policy {policy.name}"
            facts[Fact(Aspect.POLICY, subject)] = _policy_text(
                policy.description, dict(policy.definition), policy.clusters_per_user
            )
            for user in policy.users:
                facts[Fact(Aspect.POLICY_PERMISSION, subject, (user,))] = "CAN_USE"
        subject = f"scope {self._scope}"
        facts[Fact(Aspect.SCOPE, subject)] = PRESENT
        for principal, permission in scope_permissions(self._workspace).items():
            facts[Fact(Aspect.SCOPE_ACL, subject, (principal,))] = permission
        return facts

    def _actual_facts(self) -> dict[Fact, str]:
        facts: dict[Fact, str] = {}
        for policy in self._client.cluster_policies.list():
            if policy.name not in self._policies:
                continue
            subject = f"policy {policy.name}"
            definition = json.loads(policy.definition or "{}")
            text = _policy_text(policy.description or "", definition, policy.max_clusters_per_user)
            facts[Fact(Aspect.POLICY, subject)] = text
            for user, level in self._actual_permissions(policy.policy_id or ""):
                facts[Fact(Aspect.POLICY_PERMISSION, subject, (user,))] = level
        if self._scope in {scope.name for scope in self._client.secrets.list_scopes()}:
            subject = f"scope {self._scope}"
            facts[Fact(Aspect.SCOPE, subject)] = PRESENT
            current_user = self._client.current_user.me().user_name
            for acl in self._client.secrets.list_acls(self._scope):
                # Whoever made the scope manages it; that right is what the next apply works with.
                if acl.principal != current_user:
                    permission = acl.permission.value if acl.permission else ""
                    facts[Fact(Aspect.SCOPE_ACL, subject, (acl.principal or "",))] = permission
            for secret in self._client.secrets.list_secrets(self._scope):
                if secret.key in SECRETS:
                    facts[Fact(Aspect.SECRET, f"{self._scope}/{secret.key}")] = PRESENT
        return facts

    def _actual_permissions(self, policy_id: str) -> list[tuple[str, str]]:
        """User and level of each permission on the policy itself."""
        permissions = self._client.cluster_policies.get_permissions(policy_id)
        return [
            (
                entry.group_name or entry.service_principal_name or entry.user_name or "",
                permission.permission_level.value,
            )
            for entry in permissions.access_control_list or []
            for permission in entry.all_permissions or []
            if permission.permission_level and not permission.inherited
        ]

    def _write_policy(self, policy: ComputePolicy) -> None:
        try:
            self._create_or_edit(policy)
        except (ResourceAlreadyExists, InvalidParameterValue):
            # An earlier call whose answer was lost may have made it.
            if not self._policy_id(policy.name):
                raise
            self._create_or_edit(policy)

    def _create_or_edit(self, policy: ComputePolicy) -> None:
        api, policy_id = self._client.cluster_policies, self._policy_id(policy.name)
        name, description, limit = policy.name, policy.description, policy.clusters_per_user
        definition = json.dumps(policy.definition, sort_keys=True)
        if policy_id:
            api.edit(policy_id, name=name, definition=definition, description=description, max_clusters_per_user=limit)
        else:
            api.create(name=name, definition=definition, description=description, max_clusters_per_user=limit)

    def _set_permissions(self, policy: ComputePolicy) -> None:
        access_control_list = [
            ClusterPolicyAccessControlRequest(
                group_name=None if is_application_id(user) else user,
                service_principal_name=user if is_application_id(user) else None,
                permission_level=ClusterPolicyPermissionLevel.CAN_USE,
            )
            for user in policy.users
        ]
        policy_id = self._policy_id(policy.name) or ""
        self._client.cluster_policies.set_permissions(policy_id, access_control_list=access_control_list)

    def _policy_id(self, name: str) -> str | None:
        return next((policy.policy_id for policy in self._client.cluster_policies.list() if policy.name == name), None)

    def _create_scope(self, scope: str) -> None:
        try:
            self._client.secrets.create_scope(scope)
        except ResourceAlreadyExists:
            return

    def _set_acl(self, scope: str, principal: str, permission: str | None) -> None:
        if permission is None:
            get_or_none(lambda: self._client.secrets.delete_acl(scope, principal))
        else:
            self._client.secrets.put_acl(scope, principal, AclPermission(permission))


def _subject_name(fact: Fact) -> str:
    return fact.subject.split(" ", 1)[1]


def _policy_text(description: str, definition: object, clusters_per_user: int | None) -> str:
    """A policy as one text that is the same for the same policy."""
    policy = {"definition": definition, "description": description, "clusters per user": clusters_per_user}
    return json.dumps(policy, sort_keys=True)
