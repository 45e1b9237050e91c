"""Who there is in the account, and what a principal is: of groups those that an account knows, as Unity Catalog and
permissions take no others."""

DEPLOYER = "deployer@example.com"
"""Whoever makes the calls."""
OWNERS = "fitness_owners"
ACCOUNT_USERS = "account users"
GROUPS = ("fitness_engineers", "fitness_analysts", "fitness_data_scientists", "fitness_service")


class FakePrincipals:
    """The identities of an account.

    Attributes:
        groups: the members of each account group, by its name.
        users: people, by their addresses.
        service_principals: by their application ids.
        metastore_admins: principals who may give away what they do not own, to anybody.
        metastore_privileges: what the deployer may do on the metastore.
    """

    def __init__(self) -> None:
        self.groups: dict[str, set[str]] = {OWNERS: {DEPLOYER}, **{name: set() for name in GROUPS}}
        self.users = {DEPLOYER, "intern@example.com"}
        self.service_principals: set[str] = set()
        self.metastore_admins: set[str] = set()
        self.metastore_privileges = {"CREATE_CATALOG"}

    def exists(self, principal: str) -> bool:
        known = {*self.groups, *self.users, *self.service_principals, ACCOUNT_USERS}
        return principal.lower() in {name.lower() for name in known}

    @property
    def deployer_identities(self) -> set[str]:
        """The deployer and each group it is a member of."""
        return {DEPLOYER, *(group for group, members in self.groups.items() if DEPLOYER in members)}

    @property
    def is_metastore_admin(self) -> bool:
        return bool(self.deployer_identities & self.metastore_admins)

    def may_become_owner(self, principal: str) -> bool:
        """Whether the deployer may hand something that it may give away to a principal: to itself, to a group of
        which it is a member, and as a metastore admin to anybody."""
        return principal in self.deployer_identities or self.is_metastore_admin
