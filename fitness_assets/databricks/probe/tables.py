"""What Delta tables of the catalog do."""

import json

from fitness_assets.databricks.probe.questions import Answer, Questions, Surroundings
from fitness_assets.databricks.probe.scratch import scratch_table

_CHANGE_FEED = "https://docs.databricks.com/aws/en/delta/delta-change-data-feed"
_HISTORY = "https://docs.databricks.com/aws/en/tables/history-schema"
_DETAIL = "https://learn.microsoft.com/en-us/fabric/data-engineering/delta-lake-describe"
_MERGE = "https://docs.databricks.com/delta/merge.html"
_IDEMPOTENT = "https://docs.databricks.com/aws/en/error-messages/delta-invalid-idempotent-writes-options-error-class"
_AUTO_LOADER = "https://docs.databricks.com/ingestion/auto-loader/directory-listing-mode.html"
_OTHER_COMPUTE = "run on another kind of compute, or a newer runtime, and probe it again"
_HISTORY_COLUMNS = ("version", "timestamp", "operation", "operationParameters", "operationMetrics", "userMetadata")
_DETAIL_COLUMNS = ("id", "partitionColumns", "numFiles")

questions = Questions("tables")


@questions.ask(
    expected=True,
    is_needed=True,
    source=_DETAIL,
    if_so="a table is known by its id: one made anew is noticed",
    if_not=_OTHER_COMPUTE,
)
def details(surroundings: Surroundings) -> Answer:
    """A table can be made, and its details say which it is."""
    with scratch_table(surroundings, "details") as scratch:
        [detail] = surroundings.spark.sql(f"DESCRIBE DETAIL {scratch.name}").collect()
        missing = [name for name in _DETAIL_COLUMNS if name not in detail.asDict() or detail[name] is None]
        return Answer(not missing, f"missing: {', '.join(missing)}" if missing else f"id {detail['id']}")


@questions.ask(
    expected=True,
    is_needed=True,
    source=_HISTORY,
    if_so="the history says what each commit did, and whose it is",
    if_not=_OTHER_COMPUTE,
)
def history(surroundings: Surroundings) -> Answer:
    """The history has each commit with its operation, its row count and the metadata that it was given."""
    with scratch_table(surroundings, "history") as scratch:
        scratch.append(0, 3, userMetadata=json.dumps({"update": surroundings.token}))
        newest = scratch.history()[0].asDict()
        missing = [name for name in _HISTORY_COLUMNS if name not in newest]
        is_whole = (
            not missing
            and json.loads(newest["userMetadata"] or "{}") == {"update": surroundings.token}
            and dict(newest["operationMetrics"]).get("numOutputRows") == "3"
            and newest["timestamp"] is not None
        )
        return Answer(is_whole, f"missing: {', '.join(missing)}" if missing else str(newest["operation"]))


@questions.ask(
    expected=True,
    is_needed=True,
    source=_CHANGE_FEED,
    if_so="updates read what changed",
    if_not=_OTHER_COMPUTE,
)
def change_feed(surroundings: Surroundings) -> Answer:
    """The change feed has what a commit inserted, updated and deleted."""
    with scratch_table(surroundings, "changes") as scratch:
        scratch.append(0, 3)
        surroundings.spark.sql(f"UPDATE {scratch.name} SET value = 'updated' WHERE id = 1").collect()
        surroundings.spark.sql(f"DELETE FROM {scratch.name} WHERE id = 2").collect()
        first = min(row["version"] for row in scratch.history() if row["operation"] != "CREATE TABLE")
        feed = surroundings.spark.read.option("readChangeFeed", "true").option("startingVersion", first)
        changes = feed.table(scratch.name).select("_change_type", "_commit_version", "id").collect()
        seen = {(row["_change_type"], row["id"]) for row in changes}
        wanted = {("insert", 0), ("insert", 1), ("insert", 2), ("update_postimage", 1), ("delete", 2)}
        return Answer(wanted <= seen, f"{len(seen)} changes")


@questions.ask(
    expected=True,
    is_needed=True,
    source=_MERGE,
    if_so="an update inserts, updates and deletes in one commit",
    if_not=_OTHER_COMPUTE,
)
def merge(surroundings: Surroundings) -> Answer:
    """One MERGE inserts, updates and deletes by rows of this process."""
    with scratch_table(surroundings, "merge") as scratch:
        scratch.append(0, 3)
        view = f"probe_changes_{surroundings.token}"
        rows = [(1, "updated", "update"), (2, "", "delete"), (3, "inserted", "insert")]
        columns = "id BIGINT, value STRING, change STRING"
        surroundings.spark.createDataFrame(rows, columns).createOrReplaceTempView(view)
        try:
            surroundings.spark.sql(
                f"MERGE INTO {scratch.name} t USING {view} s ON t.id = s.id "
                f"WHEN MATCHED AND s.change = 'delete' THEN DELETE "
                f"WHEN MATCHED AND s.change = 'update' THEN UPDATE SET t.value = s.value "
                f"WHEN NOT MATCHED AND s.change = 'insert' THEN INSERT (id, value) VALUES (s.id, s.value)"
            ).collect()
        finally:
            surroundings.spark.catalog.dropTempView(view)
        values = scratch.values()
        return Answer(values == {0: "appended", 1: "updated", 3: "inserted"}, f"{len(values)} rows")


@questions.ask(
    expected=True,
    source=_IDEMPOTENT,
    if_so="of two runs that began with the same version one loses",
    if_not="let one run at a time work on a catalog: FITNESS_COMPUTE=serverless or job with one Dagster",
)
def transaction_ids(surroundings: Surroundings) -> Answer:
    """A second append with the same transaction id and version is left out."""
    with scratch_table(surroundings, "ids") as scratch:
        for version in ("1", "1", "2"):
            scratch.append(0, 1, txnAppId=f"probe/{surroundings.token}", txnVersion=version)
        count = surroundings.spark.table(scratch.name).count()
        return Answer(count == 2, f"{count} of 3 appends count, 2 are meant to")


@questions.ask(
    expected=True,
    source=_AUTO_LOADER,
    if_so="nothing: files are listed and read by the run itself",
    if_not="nothing: files are listed and read by the run itself",
)
def auto_loader(surroundings: Surroundings) -> Answer:
    """Auto Loader lists a file of a volume."""
    landing = surroundings.folder / "auto_loader"
    landing.mkdir()
    (landing / "a.csv").write_text("id,value\n1,x\n")
    with scratch_table(surroundings, "loader") as scratch:
        files = surroundings.spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv")
        rows = files.option("header", "true").schema("id BIGINT, value STRING").load(str(landing))
        writer = rows.writeStream.trigger(availableNow=True)
        writer = writer.option("checkpointLocation", str(surroundings.folder / "auto_loader_checkpoint"))
        writer.toTable(scratch.name).awaitTermination(120)
        return Answer(scratch.values() == {1: "x"}, "one file")
