"""Contracts that say something else than they do, as after a change of the code."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pyspark.sql import DataFrame

from fitness_assets.contracts import feeds
from fitness_assets.contracts.feeds import Field
from fitness_assets.contracts.model import Column, Table
from fitness_assets.contracts.registry import all_tables
from fitness_assets.transforms import registry as transforms

_MODULES = (
    "contracts.registry",
    "contracts.lineage",
    "databricks.lakeflow.pipeline",
    "pipeline.backup.keeping",
    "pipeline.backup.taking",
    "pipeline.scheduler",
    "pipeline.validation",
    "privacy.due",
    "privacy.erasing",
    "privacy.history",
    "privacy.retention",
)
"""Who asks for all contracts."""


class ChangedContracts:
    """Changes contracts for the rest of a test."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._tables = dict(all_tables())
        for module in _MODULES:
            patch.setattr(f"fitness_assets.{module}.all_tables", lambda: self._tables)
        patch.setattr("fitness_assets_tests.platform.all_tables", lambda: self._tables)

    def set(self, name: str, **values: Any) -> None:
        """Give a contract other values."""
        self._tables[name] = replace(self._tables[name], **values)

    def add(self, table: Table, transform: Callable[..., DataFrame]) -> None:
        """Add a table with what computes it."""
        self._tables[table.full_name] = table
        self._patch.setitem(transforms._transforms, table.full_name, transform)

    def add_column(self, name: str, column: Column) -> None:
        self.set(name, audit_columns=(*self._tables[name].audit_columns, column))

    def change_column(self, table: str, column: str, **values: Any) -> None:
        """Give a column other values, `name` among them."""
        columns = [replace(one, **values) if one.name == column else one for one in self._tables[table].columns]
        self.set(table, columns=tuple(columns))

    def drop_column(self, table: str, column: str) -> None:
        for kind in ("columns", "audit_columns"):
            kept = [one for one in getattr(self._tables[table], kind) if one.name != column]
            self.set(table, **{kind: tuple(kept)})

    def set_fields(self, table: str, fields: tuple[Field, ...]) -> None:
        """Let the records of a file feed have other fields."""
        self._patch.setitem(feeds.FILE_FEEDS, table, replace(feeds.FILE_FEEDS[table], fields=fields))

    def compute_by(self, table: str, transform: Callable[..., DataFrame]) -> None:
        """Let a table be computed otherwise."""
        self._patch.setitem(transforms._transforms, table, transform)
