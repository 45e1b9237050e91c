"""Primary and foreign keys of a catalog's tables, refused where Unity Catalog refuses them; nothing enforces them."""

from dataclasses import dataclass
from typing import Any

from fitness_assets_tests.databricks.governance.fake_catalog.catalog import ApiError, FakeCatalog, FakeKey, invalid
from fitness_assets_tests.databricks.governance.fake_catalog.grammar import Clauses


@dataclass(frozen=True)
class _Relation:
    """A table that is altered, and where it is."""

    catalog: FakeCatalog
    name: str

    @property
    def keys(self) -> dict[str, FakeKey]:
        return self.catalog.securables[self.name].keys


def change_keys(catalog: FakeCatalog, name: str, clauses: Clauses) -> bool:
    """Take `ADD CONSTRAINT …` or `DROP …` of `ALTER TABLE`; whether it was one of them."""
    relation = _Relation(catalog, name)
    if clauses.takes("ADD", "CONSTRAINT"):
        _add(relation, clauses)
    elif clauses.takes("DROP", "PRIMARY KEY"):
        primary = [key_name for key_name, key in relation.keys.items() if key.parent is None]
        _drop(relation, clauses, clauses.takes("IF", "EXISTS"), primary[0] if primary else "")
    elif clauses.takes("DROP", "CONSTRAINT"):
        if_exists = clauses.takes("IF", "EXISTS")
        _drop(relation, clauses, if_exists, clauses.identifier())
    else:
        return False
    return True


def _add(relation: _Relation, clauses: Clauses) -> None:
    name = clauses.identifier()
    schema = relation.name.rpartition(".")[0]
    for other_name, other in relation.catalog.securables.items():
        if other_name.rpartition(".")[0] == schema and name in other.keys:
            raise ApiError(409, "ALREADY_EXISTS", f"Constraint '{name}' already exists in schema '{schema}'.")
    if clauses.takes("PRIMARY KEY"):
        key = FakeKey(clauses.identifiers())
    else:
        clauses.needs("FOREIGN KEY")
        columns = clauses.identifiers()
        clauses.needs("REFERENCES")
        key = FakeKey(columns, clauses.name(), clauses.identifiers())
    while not clauses.is_over:
        if clauses.takes("RELY"):
            key.rely = True
        elif not clauses.takes("NOT", "ENFORCED"):
            clauses.needs("NORELY")
    if key.parent is None:
        _check_primary_key(relation, key)
    else:
        _check_foreign_key(relation, key)
    relation.keys[name] = key


def _check_primary_key(relation: _Relation, key: FakeKey) -> None:
    if any(other.parent is None for other in relation.keys.values()):
        raise invalid(f"Table '{relation.name}' already has a primary key.")
    for column in key.columns:
        if _column(relation.catalog, relation.name, column).get("nullable", True):
            raise invalid(f"Cannot create the primary key because its child column {column} is nullable.")


def _check_foreign_key(relation: _Relation, key: FakeKey) -> None:
    catalog, parent = relation.catalog, str(key.parent)
    primary = [other.columns for other in catalog.get("table", parent).keys.values() if other.parent is None]
    if primary != [key.parent_columns]:
        raise invalid(f"The columns {key.parent_columns} are not the primary key of '{parent}'.")
    if not catalog.may_do("SELECT", parent):
        raise invalid(f"[INSUFFICIENT_PERMISSIONS] User does not have SELECT on Table '{parent}'.")
    # "Foreign key constraints which only differ in the permutation of the foreign key columns are not permitted": it
    # is not said whether the parent counts, so it does not here.
    if any(other.parent and set(other.columns) == set(key.columns) for other in relation.keys.values()):
        raise invalid(f"Table '{relation.name}' already has a foreign key of {key.columns}.")
    for column, parent_column in zip(key.columns, key.parent_columns, strict=True):
        types = {_column(catalog, relation.name, column)["type"], _column(catalog, parent, parent_column)["type"]}
        if len(types) > 1:
            raise invalid(f"{column} has another type than {parent_column} of '{parent}'.")


def _column(catalog: FakeCatalog, table: str, name: str) -> dict[str, Any]:
    column: dict[str, Any] | None = catalog.securables[table].columns.get(name)
    if column is None:
        raise invalid(f"[UNRESOLVED_COLUMN] {name} is no column of {table}.")
    return column


def _drop(relation: _Relation, clauses: Clauses, if_exists: bool, name: str) -> None:
    cascades = clauses.one_of("CASCADE", "RESTRICT") == "CASCADE" if not clauses.is_over else False
    key = relation.keys.get(name)
    if key is None:
        if not if_exists:
            raise invalid(f"Constraint '{name}' does not exist on '{relation.name}'.")
        return
    referring = [
        (other, other_name)
        for other in relation.catalog.securables.values()
        for other_name, other_key in other.keys.items()
        if key.parent is None and other_key.parent == relation.name
    ]
    if referring and not cascades:
        raise invalid(f"Primary key '{name}' is referenced by {[other_name for _, other_name in referring]}.")
    for other, other_name in referring:
        del other.keys[other_name]
    del relation.keys[name]
