"""The SQL functions of masks and row filters.

They are plain CASE expressions, which Databricks runs fastest and which could stand on a table as well: a MERGE is
refused where a mask or filter has a subquery. So the mapping of groups to gyms is part of the filter's text, and
there is no table that would need guarding itself.
"""

from dataclasses import dataclass

from fitness_assets.contracts.model import Pii
from fitness_assets.databricks.governance.privileges import Kind, Securable, identifier, literal
from fitness_assets.databricks.governance.roles import EVERY_GYM, SEES
from fitness_assets.databricks.workspace import GOVERNANCE_SCHEMA, Role, Workspace, is_application_id


@dataclass(frozen=True)
class Function:
    """A SQL function of one parameter in the governance schema."""

    on: Securable
    parameter: str
    takes: str
    returns: str
    body: str
    description: str

    @property
    def sql(self) -> str:
        """The statement that makes it, or makes it anew."""
        return (
            f"CREATE OR REPLACE FUNCTION {self.on.sql}({identifier(self.parameter)} {self.takes}) "
            f"RETURNS {self.returns} COMMENT {literal(self.description)} RETURN {self.body}"
        )


def member(principal: str) -> str:
    """The SQL condition that whoever asks is a principal or belongs to it."""
    if is_application_id(principal):
        return f"current_user() = {literal(principal)}"
    return f"is_account_group_member({literal(principal)})"


def mask(workspace: Workspace, pii: Pii, column_type: str) -> Function:
    """The mask of one class of personal data: the value for roles that see the class, null for everybody else."""
    seen_by = [workspace.roles[role] for role in Role if pii in SEES[role]]
    condition = " OR ".join(member(principal) for principal in seen_by)
    return Function(
        _function(workspace, f"mask_{pii.value}_{column_type}"),
        "value",
        column_type.upper(),
        column_type.upper(),
        f"CASE WHEN {condition} THEN `value` ELSE NULL END",
        f"The value for those who see {pii.value} data; null for everybody else.",
    )


def gym_filter(workspace: Workspace) -> Function:
    """Which gyms whoever asks may see; nobody sees one by default."""
    everywhere = [workspace.roles[role] for role in EVERY_GYM]
    everywhere += [group for group, gyms in sorted(workspace.gyms.items()) if gyms is None]
    conditions = [member(principal) for principal in everywhere]
    for group, gyms in sorted(workspace.gyms.items()):
        if gyms is not None:
            numbers = ", ".join(str(number) for number in sorted(gyms))
            conditions.append(f"({member(group)} AND `gym` IN ({numbers}))")
    return Function(
        _function(workspace, "sees_gym"),
        "gym",
        "BIGINT",
        "BOOLEAN",
        f"CASE WHEN {' OR '.join(conditions)} THEN TRUE ELSE FALSE END",
        "Whether whoever asks may see the rows of a gym.",
    )


def _function(workspace: Workspace, name: str) -> Securable:
    return Securable(Kind.FUNCTION, f"{workspace.catalog}.{GOVERNANCE_SCHEMA}.{name}")
