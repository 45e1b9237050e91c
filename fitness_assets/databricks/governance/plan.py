"""The difference between what is declared and what is there."""

from dataclasses import dataclass

from fitness_assets.databricks.calls import Sql
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.governance.declared import Declared
from fitness_assets.databricks.governance.found import Found, look
from fitness_assets.databricks.state import Aspect, Change, changes


@dataclass(frozen=True)
class Plan:
    """What would be done, and what cannot be done yet."""

    changes: list[Change]
    notes: list[str]


def plan(client: Client, sql: Sql, declared: Declared) -> Plan:
    """Compare; it changes nothing."""
    return compare(look(client, sql, declared), declared)


def compare(found: Found, declared: Declared) -> Plan:
    """The changes that lead from what is found to what is declared, in the order in which they are safe."""
    waiting = {str(on) for on in found.missing}
    notes = [f"{on} is not there yet; it is governed once the pipeline has made it." for on in found.missing]
    for on, view in declared.views.items():
        lacks = [name for name in view.sources if f"table {declared.catalog.name}.{name}" in waiting]
        if lacks:
            waiting.add(str(on))
            notes.append(f"{on} waits for {', '.join(lacks)}.")
    notes += [f"table {name} is in a schema of ours and nobody declared it." for name in found.strangers]
    there = {fact: value for fact, value in found.facts.items() if fact.on not in waiting}
    wanted = {fact: value for fact, value in declared.facts.items() if fact.on not in waiting}
    different = [
        change
        for change in changes(there, wanted)
        # A comment on a column that the contract does not name is not ours to remove.
        if change.after is not None or change.fact.aspect is not Aspect.COMMENT
    ]
    return Plan(different, notes)
