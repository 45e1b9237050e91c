"""A child process is given the secrets that it needs, and what is none."""

import subprocess
import sys

import pytest

from fitness_assets.settings.environment import child_environment
from fitness_assets.settings.secrets import ALL, Secret
from fitness_assets.settings.sql_source import SqlSettings
from fitness_assets_tests.child_secrets import SECRETS

SHOW = "import os; print(*os.environ, sep='\\n')"


@pytest.mark.parametrize(
    ("needed", "given"),
    [
        ((), set()),
        ([Secret.KAFKA], {"FITNESS_KAFKA_SASL_PASSWORD"}),
        ([Secret.SQL], {"FITNESS_SQL_URL"}),
        ([Secret.ENGINE, Secret.DATABRICKS], {"SPARK_REMOTE", "DATABRICKS_TOKEN"}),
        ([Secret.AZURE], {"AZURE_CLIENT_SECRET"}),
        ([Secret.CLOUD, Secret.OTHER], {"AWS_SECRET_ACCESS_KEY", "SOMEBODYS_API_KEY"}),
        (ALL, set(SECRETS)),
    ],
    ids=["nothing", "kafka", "sql", "engine and databricks", "azure", "cloud and other", "all"],
)
def test_only_what_it_needs(needed: list[Secret], given: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in SECRETS.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("FITNESS_ENV", "qa")
    environment = child_environment({"GIVEN_TOKEN": "set by us", "FITNESS_AS_OF": None}, needed)
    shown = subprocess.run([sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=True)
    names = set(shown.stdout.split())
    assert names & set(SECRETS) == given
    assert {"PATH", "FITNESS_ENV", "GIVEN_TOKEN"} <= names


@pytest.mark.parametrize(("auth", "is_given"), [("entra", True), ("password", False), ("", False)])
def test_whoever_talks_to_sql_has_azures_secrets_only_where_entra_is_used(
    auth: str, is_given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITNESS_SQL_URL", "mssql+mssqlpython://server/db")
    monkeypatch.setenv("FITNESS_SQL_AUTH", auth)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "of-azure")
    source = SqlSettings.from_env()
    assert source is not None
    environment = child_environment({}, source.secrets)
    assert "FITNESS_SQL_URL" in environment and ("AZURE_CLIENT_SECRET" in environment) == is_given
