"""The secrets of a scope as a run on the workspace reads them: by the runtime's own dbutils, or else by SQL.

A client of the SDK is not made for it: an older one cannot be made on a cluster of standard access mode.
"""

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from pyspark.sql import SparkSession

from fitness_assets.errors import SettingError

RUNTIME_DBUTILS = ("pyspark.dbutils", "dbruntime")
"""Where a runtime may have its dbutils; which of them it has differs between kinds of compute. Without the second the
SDK would make one of a client."""
REDACTED = "REDACTED"
"""What stands in the place of a secret where Databricks does not show it."""


def read_secrets(spark: SparkSession, scope: str) -> dict[str, str]:
    """The secrets of a scope by their keys.

    Raises:
        SettingError: the scope cannot be read.
    """
    problems = []
    for read in (_by_dbutils, _by_sql):
        try:
            secrets = read(spark, scope)
        except Exception as error:  # each way fails in its own manner; what each says is told
            problems.append((str(error).strip() or repr(error)).splitlines()[0])
            continue
        if secrets:
            return dict(secrets)
        problems.append("it has no key that may be read")
    raise SettingError(
        f"The secret scope {scope} cannot be read: {'; '.join(dict.fromkeys(problems))}. Make it (fitness-assets "
        f"governance apply) and let the service principal read it."
    )


def runtime_dbutils(spark: SparkSession) -> Any | None:
    """The dbutils of the runtime; None where it has none."""
    ways: tuple[Callable[[Any], Any], ...] = (
        lambda module: module.DBUtils(spark),
        lambda module: importlib.import_module("databricks.sdk.runtime").dbutils,
    )
    for name, way in zip(RUNTIME_DBUTILS, ways, strict=True):
        try:
            dbutils = way(importlib.import_module(name))
        except Exception:  # what is not there fails in many ways, and then the next one may be
            continue
        if dbutils is not None:
            return dbutils
    return None


def _by_dbutils(spark: SparkSession, scope: str) -> Mapping[str, str]:
    dbutils = runtime_dbutils(spark)
    if dbutils is None:
        raise LookupError("there is no dbutils")
    return {secret.key: dbutils.secrets.get(scope, secret.key) for secret in dbutils.secrets.list(scope)}


def _by_sql(spark: SparkSession, scope: str) -> Mapping[str, str]:
    keys = [row["key"] for row in spark.sql("SELECT scope, key FROM list_secrets()").collect() if row["scope"] == scope]
    literal = {text: "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'" for text in (scope, *keys)}
    values = [f"secret({literal[scope]}, {literal[key]})" for key in keys]
    row = spark.sql(f"SELECT {', '.join(values)}").collect()[0] if keys else ()
    if any(REDACTED in value for value in row):
        raise LookupError("SQL's secret() does not show its values here")
    return dict(zip(keys, row, strict=True))
