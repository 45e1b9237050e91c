"""What the session of a machine refuses, by Databricks' documentation. A copy of this file is imported before a task.

A session of Spark Connect refuses RDDs, `sparkContext` and `_jvm` by itself. The rest is here: on serverless compute
what docs.databricks.com names under `compute/serverless/limitations` and `spark/conf` (the properties that may be
set); on both an option of Auto Loader that `ingestion/cloud-object-storage/auto-loader/options` does not name; and on
standard access mode a client of an SDK before 0.117 (databricks/databricks-sdk-py pull request 1033).

Auto Loader itself is Databricks' own: what passes is then read by the file source of Spark, which lists the folder.
"""

import os
import re
from collections.abc import Callable
from typing import Any

SETTABLE = {
    "spark.databricks.execution.timeout",
    "spark.sql.ansi.enabled",
    "spark.sql.files.maxPartitionBytes",
    "spark.sql.legacy.timeParserPolicy",
    "spark.sql.session.timeZone",
    "spark.sql.shuffle.partitions",
}
AUTO_LOADER_OPTIONS = {
    "allowOverwrites",
    "awsAccessKey",
    "awsSecretKey",
    "backfillInterval",
    "cleanSource",
    "cleanSource.moveDestination",
    "cleanSource.retentionDuration",
    "client",
    "clientEmail",
    "clientId",
    "clientSecret",
    "connectionString",
    "databricks.serviceCredential",
    "fetchParallelism",
    "format",
    "includeExistingFiles",
    "inferColumnTypes",
    "listOnStart",
    "maxBytesPerTrigger",
    "maxFileAge",
    "maxFilesPerTrigger",
    "partitionColumns",
    "pathRewrites",
    "privateKey",
    "privateKeyId",
    "projectId",
    "queueName",
    "queueUrl",
    "region",
    "resourceGroup",
    "resourceTag",
    "roleArn",
    "roleExternalId",
    "roleSessionName",
    "schemaEvolutionMode",
    "schemaHints",
    "schemaLocation",
    "stsEndpoint",
    "subscription",
    "subscriptionId",
    "tenantId",
    "useIncrementalListing",
    "useManagedFileEvents",
    "useNotifications",
    "useStrictGlobber",
    "validateOptions",
}
AUTO_LOADER_FORMATS = ("avro", "binaryFile", "csv", "json", "orc", "parquet", "text", "xml")
_CACHING = re.compile(r"\s*(CACHE|UNCACHE|CLEAR\s+CACHE|REFRESH)\b", re.IGNORECASE)
_SETTING = re.compile(r"\s*SET\s+(?!TIME\s+ZONE)([\w.]+)", re.IGNORECASE)
_FIRST_SDK_OF_STANDARD = (0, 117)


def apply(compute: str) -> None:
    """Refuse from now on, in this process, what this kind of compute refuses.

    Args:
        compute: `serverless` or `standard`.
    """
    _limit_auto_loader()
    if compute == "serverless":
        _limit_serverless()
    else:
        _limit_sdk()


def _limit_serverless() -> None:
    from pyspark.sql.connect.catalog import Catalog
    from pyspark.sql.connect.conf import RuntimeConf
    from pyspark.sql.connect.dataframe import DataFrame
    from pyspark.sql.connect.session import SparkSession
    from pyspark.sql.connect.streaming.readwriter import DataStreamWriter

    for name in ("cache", "persist", "unpersist", "checkpoint", "localCheckpoint"):
        setattr(DataFrame, name, _refusal(f"[NOT_SUPPORTED_WITH_SERVERLESS] {name} is not supported on serverless"))
    for name in ("cacheTable", "uncacheTable", "clearCache", "refreshTable"):
        setattr(Catalog, name, _refusal(f"[NOT_SUPPORTED_WITH_SERVERLESS] {name} is not supported on serverless"))
    for name in ("createGlobalTempView", "createOrReplaceGlobalTempView"):
        setattr(DataFrame, name, _refusal(f"[NOT_SUPPORTED_WITH_SERVERLESS] {name} is not supported on serverless"))
    _before(RuntimeConf, "set", lambda conf, key, value: _require_settable(key))
    _before(RuntimeConf, "unset", lambda conf, key: _require_settable(key))
    _before(SparkSession, "sql", lambda session, query, *args, **more: _require_statement(query))
    for name in ("start", "toTable"):
        _before(DataStreamWriter, name, _require_bounded)


def _require_settable(key: str) -> None:
    if key not in SETTABLE:
        raise _error(f"[CONFIG_NOT_AVAILABLE] Configuration {key} is not available. SQLSTATE: 42K0I")


def _require_statement(query: str) -> None:
    if _CACHING.match(query):
        raise _error(f"[NOT_SUPPORTED_WITH_SERVERLESS] {query.split()[0]} is not supported on serverless compute.")
    if setting := _SETTING.match(query):
        _require_settable(setting[1])


def _require_bounded(writer: Any, *_: Any, **__: Any) -> None:
    if not (writer._write_proto.available_now or writer._write_proto.once):
        raise _error("[INFINITE_STREAMING_TRIGGER_NOT_SUPPORTED] Trigger type is not supported for this cluster type.")


def _limit_auto_loader() -> None:
    from pyspark.sql.connect.streaming.readwriter import DataStreamReader

    load = DataStreamReader.load

    def load_files(reader: Any, path: str | None = None, format: str | None = None, schema: Any = None, **options: Any):
        if (format or reader._format) != "cloudFiles":
            return load(reader, path, format, schema, **options)
        reader.options(**options)
        given = {name: value for name, value in reader._options.items() if name.lower().startswith("cloudfiles.")}
        names = {name[len("cloudFiles.") :] for name in given}
        if unknown := sorted(names - AUTO_LOADER_OPTIONS):
            raise _error(f"[CF_UNKNOWN_OPTION_KEYS_ERROR] Found unknown option keys: {', '.join(unknown)}.")
        if given.get("cloudFiles.format") not in AUTO_LOADER_FORMATS:
            raise _error(f"[CF_UNSUPPORTED_FORMAT] cloudFiles.format must be one of {', '.join(AUTO_LOADER_FORMATS)}.")
        if schema is None and not reader._schema and "schemaLocation" not in names:
            raise _error("[CF_EMPTY_SCHEMA] Name a schema, or cloudFiles.schemaLocation.")
        for name in given:
            del reader._options[name]
        return load(reader, path, given["cloudFiles.format"], schema)

    DataStreamReader.load = load_files


def _limit_sdk() -> None:
    try:
        from databricks import sdk
        from databricks.sdk.version import __version__
    except ImportError:
        return
    if tuple(map(int, __version__.split(".")[:2])) < _FIRST_SDK_OF_STANDARD:
        message = (
            f"default auth: cannot configure default credentials (databricks-sdk {__version__}, standard access mode)"
        )
        sdk.WorkspaceClient.__init__ = _refusal(message, ValueError)


def _before(owner: Any, name: str, check: Callable[..., None]) -> None:
    method = getattr(owner, name)

    def checked(*args: Any, **options: Any) -> Any:
        check(*args, **options)
        return method(*args, **options)

    setattr(owner, name, checked)


def _refusal(message: str, kind: Callable[[str], Exception] | None = None) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise (kind or _error)(message)

    return refuse


def _error(message: str) -> Exception:
    from pyspark.errors import AnalysisException

    return AnalysisException(message)


if "FAKE_COMPUTE" in os.environ:
    apply(os.environ["FAKE_COMPUTE"])
