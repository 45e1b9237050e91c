"""The state of the fake workspace: what its handlers read and change."""

from typing import Any

from fitness_assets_tests.databricks.governance.fake_catalog import FakeCatalog
from fitness_assets_tests.databricks.governance.fake_sql import Rows


class FakeState:
    """One workspace.

    Attributes:
        catalog: what Unity Catalog holds.
        statements: every SQL statement that was sent, in order.
        results: the rows of a statement that come as a second chunk, by its id.
        policies: each cluster policy and its access control list, by its id.
        scopes: each secret scope's access control list and secrets, by its name.
    """

    def __init__(self) -> None:
        self.catalog = FakeCatalog()
        self.statements: list[str] = []
        self.results: dict[str, Rows] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self.scopes: dict[str, dict[str, dict[str, str]]] = {}
