"""The secret scope: which keys it has, and which setting each value comes from. No value is ever read back."""

from fitness_assets.databricks.workspace import Role, Workspace

SECRETS = {
    "kafka-bootstrap-servers": "KAFKA_BOOTSTRAP_SERVERS",
    "kafka-sasl-username": "FITNESS_KAFKA_SASL_USERNAME",
    "kafka-sasl-password": "FITNESS_KAFKA_SASL_PASSWORD",
    "sql-url": "FITNESS_SQL_URL",
}
"""For each key the setting of the platform that it stands for; the same one its value is read from at `apply`."""


def scope(workspace: Workspace) -> str:
    return f"fitness_{workspace.environment}"


def permissions(workspace: Workspace) -> dict[str, str]:
    """Who may do what with the scope: only the pipeline reads it."""
    return {workspace.roles[Role.SERVICE]: "READ", workspace.owners: "MANAGE"}


def environment_variables(workspace: Workspace, keys: list[str]) -> dict[str, str]:
    """Cluster environment variables that refer to secrets, for `spark_env_vars` of a cluster. A cluster with a
    reference to a key that is not in the scope does not start, so name only keys that are."""
    return {SECRETS[key]: f"{{{{secrets/{scope(workspace)}/{key}}}}}" for key in keys}
