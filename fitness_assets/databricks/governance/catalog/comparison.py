"""The difference between the actual catalog and the desired one."""

from fitness_assets.databricks.changes import Aspect, ChangePlan, changes_between
from fitness_assets.databricks.governance.catalog.actual import ActualCatalog
from fitness_assets.databricks.governance.catalog.desired import DesiredCatalog
from fitness_assets.databricks.governance.securables.keys import parent_of


def compare_catalogs(actual: ActualCatalog, desired: DesiredCatalog) -> ChangePlan:
    """The changes that make the actual catalog the desired one, in the order in which they are safe."""
    pending = {str(securable) for securable in actual.missing}
    notes = [
        f"{securable} is not there yet; it is governed once the pipeline has made it." for securable in actual.missing
    ]
    for securable, view in desired.views.items():
        missing = [name for name in view.sources if f"table {desired.catalog.name}.{name}" in pending]
        if missing:
            pending.add(str(securable))
            notes.append(f"{securable} waits for {', '.join(missing)}.")
    notes += [f"table {name} is in a schema of ours and nobody declared it." for name in actual.undeclared]
    actual_facts = {fact: value for fact, value in actual.facts.items() if fact.subject not in pending}
    desired_facts = {
        fact: value
        for fact, value in desired.facts.items()
        if fact.subject not in pending
        and not (fact.aspect is Aspect.FOREIGN_KEY and parent_of(fact) in pending and fact not in actual_facts)
    }
    changes = [
        change
        for change in changes_between(actual_facts, desired_facts)
        # A comment on a column that the contract does not name is not ours to remove.
        if change.after is not None or change.fact.aspect is not Aspect.COMMENT
    ]
    return ChangePlan(changes, notes)
