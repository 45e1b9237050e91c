"""Who there is: principals of the account, as Unity Catalog takes no others, and what the workspace lets them do."""

import zlib

DEPLOYER = "deployer@example.com"
"""Whoever makes the calls."""
OWNERS = "fitness_owners"
ACCOUNT_USERS = "account users"
GYM_GROUPS = ("fitness_gym_5", "fitness_all_gyms")
GROUPS = ("fitness_engineers", "fitness_analysts", "fitness_data_scientists", "fitness_service")


class FakePrincipals:
    """The identities of an account.

    Attributes:
        groups: the members of each account group, by its name.
        users: people, by their addresses.
        service_principals: by their application ids.
        metastore_admins: principals who may give away what they do not own, to anybody.
        workspace_groups: groups that the workspace alone has.
        assigned: which principals of the account are let into the workspace.
        entitlements: what each may use there; what all may use is under `users`.
        is_workspace_admin, is_account_admin: whether the deployer is.
        managed_elsewhere: groups that an identity provider brings; the account does not change their members.
        metastore_privileges: what the deployer may do on the metastore.
    """

    def __init__(self) -> None:
        self.groups: dict[str, set[str]] = {OWNERS: {DEPLOYER}, **{name: set() for name in (*GROUPS, *GYM_GROUPS)}}
        self.users = {DEPLOYER, "intern@example.com"}
        self.service_principals: set[str] = set()
        self.workspace_groups: set[str] = set()
        self.assigned = {*GROUPS, OWNERS, "users", "admins"}
        self.entitlements: dict[str, set[str]] = {"users": {"workspace-access", "databricks-sql-access"}}
        self.is_workspace_admin = self.is_account_admin = True
        self.managed_elsewhere: set[str] = set()
        self.metastore_admins: set[str] = set()
        self.metastore_privileges = {"CREATE_CATALOG"}

    def exists(self, principal: str) -> bool:
        known = {*self.groups, *self.users, *self.service_principals, ACCOUNT_USERS}
        return principal.lower() in {name.lower() for name in known}

    @property
    def deployer_identities(self) -> set[str]:
        """The deployer and each group it is a member of, also by a group that is in another."""
        return {DEPLOYER, *self.groups_above(DEPLOYER)}

    def groups_of(self, name: str) -> set[str]:
        """The groups that have a principal among their members."""
        return {group for group, members in self.groups.items() if name in members}

    def groups_above(self, name: str) -> set[str]:
        """The same, and the groups that these are in."""
        direct = self.groups_of(name)
        return direct.union(*(self.groups_above(group) for group in direct))

    @property
    def has_sql_access(self) -> bool:
        """Whether the deployer is entitled to ask a SQL warehouse: itself, by a group, or as everybody is."""
        holders = {*self.deployer_identities, "users"}
        return self.is_workspace_admin or any(
            "databricks-sql-access" in self.entitlements.get(holder, ()) for holder in holders
        )

    @property
    def is_metastore_admin(self) -> bool:
        return bool(self.deployer_identities & self.metastore_admins)

    def may_become_owner(self, principal: str) -> bool:
        """Whether the deployer may hand something that it may give away to a principal: to itself, to a group of
        which it is a member, and as a metastore admin to anybody."""
        return principal in self.deployer_identities or self.is_metastore_admin

    def id_of(self, name: str) -> str:
        """The number of a principal, by which members and assignments are named."""
        return str(zlib.crc32(name.encode()))

    def name_of(self, number: str) -> str:
        known = (*self.groups, *self.users, *self.service_principals, *self.workspace_groups)
        return next(name for name in known if self.id_of(name) == number)
