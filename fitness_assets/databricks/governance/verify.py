"""Whether what holds in the workspace is what is declared, inheritance included."""

from fitness_assets.databricks.calls import Sql
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.governance.declared import Declared
from fitness_assets.databricks.governance.found import effective, look
from fitness_assets.databricks.governance.plan import compare
from fitness_assets.databricks.governance.privileges import PRIVILEGES, Securable
from fitness_assets.databricks.state import Aspect


def verify(client: Client, sql: Sql, declared: Declared) -> list[str]:
    """Everything that is not as declared, a line each; empty means that all is as it should be."""
    found = look(client, sql, declared)
    plan = compare(found, declared)
    findings = list(plan.notes)
    findings += [f"not as declared: {change}" for change in plan.changes if change.fact.aspect is not Aspect.GRANT]
    for on in found.there:
        findings += _privileges(client, declared, on)
    return findings


def _privileges(client: Client, declared: Declared, on: Securable) -> list[str]:
    """What each principal may do on one securable, wherever it comes from, against what it should."""
    reach = {on, *on.above}
    allowed = {(grant.principal, grant.privilege) for grant in declared.grants if grant.on in reach}
    due = {(principal, privilege) for principal, privilege in allowed if privilege in PRIVILEGES[on.kind]}
    findings, holds = [], set()
    for principal, privilege, source in effective(client, on):
        holds.add((principal, privilege))
        if (principal, privilege) not in allowed:
            where = f", inherited from {source}" if source else ""
            findings.append(f"{principal} has {privilege} on {on}{where}, which nobody declared.")
    findings += [f"{principal} lacks {privilege} on {on}." for principal, privilege in sorted(due - holds)]
    return findings
