"""The keys of the contracts as Unity Catalog has them: nothing enforces them, people and their tools read them.

They are `NORELY`. What is relied on the optimizer takes for granted: it leaves out the very grouping by which the
checks look for two rows of one key, and joins to tables that are updated a moment later.
"""

from collections.abc import Iterator

from databricks.sdk.service.catalog import TableInfo

from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import get_table
from fitness_assets.databricks.changes import Aspect, Change, Fact
from fitness_assets.databricks.governance.securables.privileges import Securable, SecurableType
from fitness_assets.databricks.governance.securables.quoting import quote_name

_NOT_RELIED_ON = "NOT ENFORCED NORELY"


def key_facts(catalog: str, table: Table) -> dict[Fact, str]:
    """The primary key and the foreign keys of a table.

    Unity Catalog takes as foreign keys only those that refer to a whole primary key, and one for the same columns: of
    several that the contract has the first.
    """
    subject = str(_securable(catalog, table))
    facts = {Fact(Aspect.PRIMARY_KEY, subject): ", ".join(table.key)} if table.key else {}
    taken: set[frozenset[str]] = set()
    for key in table.foreign_keys:
        parent = get_table(key.table)
        if key.columns == parent.key and frozenset(key.columns) not in taken:
            taken.add(frozenset(key.columns))
            name = f"{table.name}_to_{parent.name}"
            facts[_foreign_key(subject, name, f"{catalog}.{parent.full_name}")] = ", ".join(key.columns)
    return facts


def actual_key_facts(securable: Securable, info: TableInfo) -> dict[Fact, str]:
    """The keys that a table has, whoever gave them."""
    facts: dict[Fact, str] = {}
    for constraint in info.table_constraints or []:
        primary, foreign = constraint.primary_key_constraint, constraint.foreign_key_constraint
        if primary:
            relied_on = " RELY" if primary.rely else ""
            facts[Fact(Aspect.PRIMARY_KEY, str(securable))] = f"{', '.join(primary.child_columns)}{relied_on}"
        if foreign:
            value = ", ".join(foreign.child_columns)
            value += (
                f" as {', '.join(foreign.parent_columns)}" if foreign.parent_columns != foreign.child_columns else ""
            )
            value += " RELY" if foreign.rely else ""
            facts[_foreign_key(str(securable), foreign.name, foreign.parent_table)] = value
    return facts


def parent_of(fact: Fact) -> str:
    """The table that a foreign key refers to, as a fact's subject."""
    return fact.detail[1]


def key_statements(change: Change) -> Iterator[str]:
    """The statements that take a key away and give another."""
    table = f"ALTER TABLE {Securable.parse(change.fact.subject).sql}"
    columns = ", ".join(map(quote_name, (change.after or "").split(", ")))
    if change.fact.aspect is Aspect.PRIMARY_KEY:
        if change.before is not None:
            # What refers to it goes too, and is given again when the plan is compared anew.
            yield f"{table} DROP PRIMARY KEY IF EXISTS CASCADE"
        if change.after is not None:
            name = quote_name(f"{change.fact.subject.rpartition('.')[2]}_key")
            yield f"{table} ADD CONSTRAINT {name} PRIMARY KEY ({columns}) {_NOT_RELIED_ON}"
        return
    name = quote_name(change.fact.detail[0])
    if change.before is not None:
        yield f"{table} DROP CONSTRAINT IF EXISTS {name}"
    if change.after is not None:
        parent = Securable.parse(parent_of(change.fact)).sql
        yield f"{table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {parent} ({columns}) {_NOT_RELIED_ON}"


def _foreign_key(subject: str, name: str, parent: str) -> Fact:
    return Fact(Aspect.FOREIGN_KEY, subject, (name, str(Securable(SecurableType.TABLE, parent))))


def _securable(catalog: str, table: Table) -> Securable:
    return Securable(SecurableType.TABLE, f"{catalog}.{table.full_name}")
