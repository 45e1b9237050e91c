"""What runs there: Python, packages, the session, and how secrets are had."""

import importlib
import sys
from importlib import metadata

from fitness_assets.databricks.probe.questions import Answer, Questions, Surroundings
from fitness_assets.databricks.runs.secrets import REDACTED, RUNTIME_DBUTILS, runtime_dbutils

_ENVIRONMENTS = "https://learn.microsoft.com/azure/databricks/release-notes/serverless/environment-version/four"
_SERVERLESS = "https://docs.databricks.com/en/compute/serverless/limitations"
_SECRET = "https://docs.databricks.com/sql/language-manual/functions/secret.html"
_LIST_SECRETS = "https://learn.microsoft.com/en-gb/azure/databricks/sql/language-manual/functions/list_secrets"
_DBUTILS = "https://databricks-sdk-py.readthedocs.io/en/latest/dbutils.html"
_NO_CLIENT = "https://github.com/databricks/databricks-sdk-py/pull/1033"
_OLDEST_PYTHON = (3, 10)
_IMPORTED = ("pyspark", "pyarrow", "pandas", "pydantic_settings", "duckdb", "confluent_kafka", "dagster_pipes")
_TOLD = ("pyspark", "pyarrow", "databricks-sdk", "databricks-connect", "pandas", "duckdb", "deltalake", "dagster-pipes")

questions = Questions("runtime")


@questions.ask(
    expected=True,
    is_needed=True,
    source=_ENVIRONMENTS,
    if_so="our wheel runs",
    if_not="choose a newer FITNESS_SPARK_VERSION, or a newer environment version",
)
def python(surroundings: Surroundings) -> Answer:
    """Python is 3.10 or newer."""
    return Answer(sys.version_info >= _OLDEST_PYTHON, sys.version.split()[0])


@questions.ask(
    expected=True,
    is_needed=True,
    source=_ENVIRONMENTS,
    if_so="our wheel runs",
    if_not="the packages that are named must be installed: the workspace has no PyPI, or another one",
)
def imports(surroundings: Surroundings) -> Answer:
    """The packages that a run imports are there."""
    missing = []
    for name in _IMPORTED:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"{name} ({error})")
    return Answer(not missing, f"missing: {', '.join(missing)}" if missing else _versions())


@questions.ask(
    expected=None,
    source=_SERVERLESS,
    if_so="nothing: no part needs more than Spark Connect has",
    if_not="nothing: no part needs Spark Connect",
)
def spark_connect(surroundings: Surroundings) -> Answer:
    """The session speaks Spark Connect."""
    return Answer("connect" in type(surroundings.spark).__module__, f"Spark {surroundings.spark.version}")


@questions.ask(
    expected=True,
    is_needed=True,
    source=_SERVERLESS,
    if_so="times are read and written as they are",
    if_not="days would be cut elsewhere: report this",
)
def utc(surroundings: Surroundings) -> Answer:
    """The session takes UTC for its zone."""
    surroundings.spark.conf.set("spark.sql.session.timeZone", "UTC")
    row = surroundings.spark.sql("SELECT cast(timestamp '2026-03-29 02:30:00' AS string), current_timezone()").collect()
    return Answer(row[0][0] == "2026-03-29 02:30:00", str(row[0][1]))


@questions.ask(
    expected=True,
    source=_DBUTILS,
    if_so="secrets are read by it",
    if_not="secrets are read by SQL's secret()",
)
def dbutils(surroundings: Surroundings) -> Answer:
    """The runtime gives a dbutils."""
    given = runtime_dbutils(surroundings.spark)
    return Answer(given is not None, type(given).__module__ if given else f"none of {', '.join(RUNTIME_DBUTILS)}")


@questions.ask(
    expected=True,
    source=_LIST_SECRETS,
    if_so="secrets can be read by SQL where there is no dbutils",
    if_not="secrets need a dbutils: on compute that has none leave FITNESS_SECRET_SCOPE unset",
)
def secret_function(surroundings: Surroundings) -> Answer:
    """SQL lists secrets and gives their values."""
    rows = surroundings.spark.sql("SELECT scope, key FROM list_secrets()").collect()
    ours = [row["key"] for row in rows if row["scope"] == surroundings.scope]
    if ours:
        [[value]] = surroundings.spark.sql(f"SELECT secret('{surroundings.scope}', '{ours[0]}')").collect()
        return Answer(REDACTED not in value, f"{len(ours)} keys in {surroundings.scope}")
    return Answer(True, f"{len(rows)} keys, none in {surroundings.scope or 'a scope of ours'}")


@questions.ask(
    expected=None,
    source=_NO_CLIENT,
    if_so="nothing: no run makes a client there",
    if_not="nothing: no run makes a client there",
)
def workspace_client(surroundings: Surroundings) -> Answer:
    """The SDK that is there makes a client without being told how to sign in."""
    from databricks.sdk import WorkspaceClient

    client = WorkspaceClient()
    return Answer(True, f"databricks-sdk {metadata.version('databricks-sdk')}, {client.config.auth_type}")


def _versions() -> str:
    there = []
    for name in _TOLD:
        try:
            there.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(there)
