"""Secrets in an environment, and who of the processes started in it has them."""

import os
from pathlib import Path

SECRETS = {
    "FITNESS_SQL_URL": "sqlite:////nowhere/of-sql",
    "FITNESS_KAFKA_SASL_PASSWORD": "of-kafka",
    "DATABRICKS_TOKEN": "of-databricks",
    "FITNESS_ALERT_WEBHOOKS": "json=https://hooks.example/of-alerts",
    "AZURE_CLIENT_SECRET": "of-azure",
    "AWS_SECRET_ACCESS_KEY": "of-aws",
    "SOMEBODYS_API_KEY": "of-somebody",
    "SPARK_REMOTE": "sc://localhost:1/;token=of-engine",
}


def secrets_of(pid: int) -> set[str]:
    """Which of them a process was started with, as the kernel tells its owner."""
    environment = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    return {name for name, text in SECRETS.items() if text in environment}


def with_secrets(**variables: str) -> dict[str, str]:
    return os.environ | SECRETS | variables
