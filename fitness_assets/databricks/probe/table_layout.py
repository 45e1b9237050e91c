"""What the catalog takes of a table beside its rows: keys, clustering, who looks after its files, ids of commits."""

import json

from fitness_assets.databricks.probe.questions import Answer, Questions, Surroundings
from fitness_assets.databricks.probe.scratch import scratch_table
from fitness_assets.lakehouse import is_optimized

_KEYS = "https://docs.databricks.com/tables/constraints.html"
_CLUSTERING = "https://docs.databricks.com/aws/en/delta/clustering"
_PREDICTIVE_OPTIMIZATION = "https://learn.microsoft.com/azure/databricks/optimizations/predictive-optimization"
_SESSION_IDS = "https://github.com/delta-io/delta/pull/1555"
_ID_SETTINGS = ("spark.databricks.delta.write.txnAppId", "spark.databricks.delta.write.txnVersion")

questions = Questions("tables")


@questions.ask(
    expected=True,
    source=_KEYS,
    if_so="`governance apply` gives tables the keys of their contracts",
    if_not="`governance apply` leaves keys out; the contracts and their checks have them",
)
def keys(surroundings: Surroundings) -> Answer:
    """A table takes a primary key and a foreign key that nothing enforces."""
    spark = surroundings.spark
    with scratch_table(surroundings, "parent") as parent, scratch_table(surroundings, "child") as child:
        for statement in (
            f"ALTER TABLE {parent.name} ALTER COLUMN id SET NOT NULL",
            f"ALTER TABLE {parent.name} ADD CONSTRAINT `{surroundings.token}_key` PRIMARY KEY (id) NOT ENFORCED NORELY",
            f"ALTER TABLE {child.name} ADD CONSTRAINT `{surroundings.token}_parent` FOREIGN KEY (id) "
            f"REFERENCES {parent.name} (id) NOT ENFORCED NORELY",
        ):
            spark.sql(statement).collect()
        child.append(0, 1)
        return Answer(child.values() == {0: "appended"}, "a row whose parent is missing is taken")


@questions.ask(
    expected=True,
    source=_CLUSTERING,
    if_so="`governance apply` clusters the tables that are found by time",
    if_not="`governance apply` leaves tables as they are: their rows are written in order all the same",
)
def clustering(surroundings: Surroundings) -> Answer:
    """A table that is there can be clustered by a column."""
    with scratch_table(surroundings, "clustered") as scratch:
        surroundings.spark.sql(f"ALTER TABLE {scratch.name} CLUSTER BY (id)").collect()
        [detail] = surroundings.spark.sql(f"DESCRIBE DETAIL {scratch.name}").collect()
        return Answer(list(detail["clusteringColumns"]) == ["id"], f"by {', '.join(detail['clusteringColumns'])}")


@questions.ask(
    expected=None,
    source=_SESSION_IDS,
    if_so="nothing: the setting is the session's, and a session writes several tables at once",
    if_not="nothing: a MERGE or a DELETE is held against the version before and after it",
)
def merge_transaction_ids(surroundings: Surroundings) -> Answer:
    """A second MERGE with the transaction id and version of the session is left out."""
    conf = surroundings.spark.conf
    with scratch_table(surroundings, "merge_ids") as scratch:
        scratch.append(0, 1)
        for name, value in zip(_ID_SETTINGS, (f"probe/{surroundings.token}", "1"), strict=True):
            conf.set(name, value)
        try:
            for value in ("once", "twice"):
                surroundings.spark.sql(
                    f"MERGE INTO {scratch.name} t USING (SELECT 0L AS id) s ON t.id = s.id "
                    f"WHEN MATCHED THEN UPDATE SET t.value = '{value}'"
                ).collect()
        finally:
            for name in _ID_SETTINGS:
                conf.unset(name)
        return Answer(scratch.values() == {0: "once"}, json.dumps(scratch.values()))


@questions.ask(
    expected=None,
    source=_PREDICTIVE_OPTIMIZATION,
    if_so="the nightly maintenance leaves the files of tables to the workspace",
    if_not="the nightly maintenance puts files together; FITNESS_PREDICTIVE_OPTIMIZATION=enable hands that over",
)
def predictive_optimization(surroundings: Surroundings) -> Answer:
    """The workspace itself puts the small files of a new table together."""
    with scratch_table(surroundings, "optimized") as scratch:
        return Answer(is_optimized(surroundings.spark, surroundings.settings, scratch.name))
