"""Whether what holds in the workspace is what is declared, inheritance included."""

from fitness_assets.databricks.changes import Aspect
from fitness_assets.databricks.client import Client
from fitness_assets.databricks.governance.catalog.actual import read_actual_catalog
from fitness_assets.databricks.governance.catalog.comparison import compare_catalogs
from fitness_assets.databricks.governance.catalog.desired import DesiredCatalog
from fitness_assets.databricks.governance.securables.grants import effective_privileges
from fitness_assets.databricks.governance.securables.privileges import PRIVILEGES, Securable
from fitness_assets.databricks.sql_warehouse import SqlWarehouse


def verify_catalog(client: Client, warehouse: SqlWarehouse, desired: DesiredCatalog) -> list[str]:
    """Everything that is not as declared, a line each; empty means that all is as it should be."""
    actual = read_actual_catalog(client, warehouse, desired)
    plan = compare_catalogs(actual, desired)
    findings = list(plan.notes)
    findings += [f"not as declared: {change}" for change in plan.changes if change.fact.aspect is not Aspect.GRANT]
    for securable in actual.securables:
        findings += _verify_privileges(client, desired, securable)
    return findings


def _verify_privileges(client: Client, desired: DesiredCatalog, securable: Securable) -> list[str]:
    """What each principal may do on one securable, wherever it comes from, against what it should."""
    sources = {securable, *securable.ancestors}
    allowed = {(grant.principal, grant.privilege) for grant in desired.grants if grant.securable in sources}
    required = {(principal, privilege) for principal, privilege in allowed if privilege in PRIVILEGES[securable.type]}
    findings, effective = [], set()
    for principal, privilege, source in effective_privileges(client, securable):
        effective.add((principal, privilege))
        if (principal, privilege) not in allowed:
            inheritance = f", inherited from {source}" if source else ""
            findings.append(f"{principal} has {privilege} on {securable}{inheritance}, which nobody declared.")
    findings += [
        f"{principal} lacks {privilege} on {securable}." for principal, privilege in sorted(required - effective)
    ]
    return findings
