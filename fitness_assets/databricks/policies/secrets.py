"""The secret scope. Each key is the name of a setting, as the remote run reads them. No value is ever read back."""

from fitness_assets.databricks.workspace import Role, Workspace

SECRETS = (
    "KAFKA_BOOTSTRAP_SERVERS",
    "FITNESS_KAFKA_SECURITY_PROTOCOL",
    "FITNESS_KAFKA_SASL_MECHANISM",
    "FITNESS_KAFKA_SASL_USERNAME",
    "FITNESS_KAFKA_SASL_PASSWORD",
    "FITNESS_SQL_URL",
)
"""The settings of Kafka and SQL; `apply` takes the values from the environment it runs in."""


def scope_name(workspace: Workspace) -> str:
    return f"fitness_{workspace.environment}"


def scope_permissions(workspace: Workspace) -> dict[str, str]:
    """Who may do what with the scope: only the pipeline reads it."""
    return {workspace.roles[Role.SERVICE]: "READ", workspace.owners: "MANAGE"}
