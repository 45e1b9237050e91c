"""The state of the fake workspace: what its handlers read and change."""

from typing import Any

from fitness_assets_tests.databricks.governance.fake_catalog.catalog import FakeCatalog
from fitness_assets_tests.databricks.governance.fake_catalog.sql import Rows


class FakeState:
    """One workspace.

    Attributes:
        catalog: what Unity Catalog holds.
        statements: every SQL statement that was sent, in order.
        results: the rows of a statement that come as a second chunk, by its id.
        policies: each cluster policy and its access control list, by its id.
        warehouse_permissions: the level of each group on the SQL warehouse.
        shows_warehouse_permissions: whether the deployer may see them.
        has_metastore, has_metastore_storage: whether the workspace has one, and whether that has a storage root.
        files: the content of each file of a volume, by its path.
        scopes: each secret scope's access control list and secrets, by its name.
    """

    def __init__(self) -> None:
        self.catalog = FakeCatalog()
        self.statements: list[str] = []
        self.results: dict[str, Rows] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self.warehouse_permissions = {"fitness_analysts": "CAN_USE", "fitness_data_scientists": "CAN_USE"}
        self.shows_warehouse_permissions = True
        self.has_metastore = self.has_metastore_storage = True
        self.files: dict[str, bytes] = {}
        self.scopes: dict[str, dict[str, dict[str, str]]] = {}

    @property
    def may_use_warehouse(self) -> bool:
        """Whether the deployer may ask the SQL warehouse: as an admin, or as one whom its permissions name."""
        principals = self.catalog.principals
        users = {name for name, level in self.warehouse_permissions.items() if level != "CAN_VIEW"}
        return principals.is_workspace_admin or bool({*principals.deployer_identities, "users"} & users)
