"""The SQL functions of masks and row filters.

They are plain CASE expressions, which Databricks runs fastest and which could stand on a table as well: a MERGE is
refused where a mask or filter has a subquery. So the mapping of groups to gyms is part of the filter's text, and
there is no table that would need guarding itself.
"""

from dataclasses import dataclass

from fitness_assets.contracts.model import Pii
from fitness_assets.databricks.governance.access.roles import UNFILTERED_ROLES, VISIBLE_PII
from fitness_assets.databricks.governance.securables.privileges import Securable, SecurableType
from fitness_assets.databricks.governance.securables.quoting import quote_name, quote_string
from fitness_assets.databricks.workspace import GOVERNANCE_SCHEMA, Role, Workspace, is_application_id


@dataclass(frozen=True)
class SqlFunction:
    """A SQL function of one parameter in the governance schema."""

    securable: Securable
    parameter: str
    parameter_type: str
    return_type: str
    body: str
    description: str

    @property
    def sql(self) -> str:
        """The statement that makes it, or makes it anew."""
        return (
            f"CREATE OR REPLACE FUNCTION {self.securable.sql}({quote_name(self.parameter)} {self.parameter_type}) "
            f"RETURNS {self.return_type} COMMENT {quote_string(self.description)} RETURN {self.body}"
        )


def membership_condition(principal: str) -> str:
    """The SQL condition that whoever asks is a principal or belongs to it."""
    if is_application_id(principal):
        return f"current_user() = {quote_string(principal)}"
    return f"is_account_group_member({quote_string(principal)})"


def mask_function(workspace: Workspace, pii: Pii, column_type: str) -> SqlFunction:
    """The mask of one class of personal data: the value for roles that see the class, null for everybody else."""
    viewers = [workspace.roles[role] for role in Role if pii in VISIBLE_PII[role]]
    condition = " OR ".join(membership_condition(principal) for principal in viewers)
    return SqlFunction(
        securable=_function_securable(workspace, f"mask_{pii.value}_{column_type}"),
        parameter="value",
        parameter_type=column_type.upper(),
        return_type=column_type.upper(),
        body=f"CASE WHEN {condition} THEN `value` ELSE NULL END",
        description=f"The value for those who see {pii.value} data; null for everybody else.",
    )


def gym_filter(workspace: Workspace) -> SqlFunction:
    """Which gyms whoever asks may see; nobody sees one by default."""
    unfiltered = [workspace.roles[role] for role in UNFILTERED_ROLES]
    unfiltered += [group for group, gyms in sorted(workspace.gyms.items()) if gyms is None]
    conditions = [membership_condition(principal) for principal in unfiltered]
    for group, gyms in sorted(workspace.gyms.items()):
        if gyms is not None:
            numbers = ", ".join(str(number) for number in sorted(gyms))
            conditions.append(f"({membership_condition(group)} AND `gym` IN ({numbers}))")
    return SqlFunction(
        securable=_function_securable(workspace, "sees_gym"),
        parameter="gym",
        parameter_type="BIGINT",
        return_type="BOOLEAN",
        body=f"CASE WHEN {' OR '.join(conditions)} THEN TRUE ELSE FALSE END",
        description="Whether whoever asks may see the rows of a gym.",
    )


def _function_securable(workspace: Workspace, name: str) -> Securable:
    return Securable(SecurableType.FUNCTION, f"{workspace.catalog}.{GOVERNANCE_SCHEMA}.{name}")
