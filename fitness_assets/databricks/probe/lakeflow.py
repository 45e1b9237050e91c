"""What a Lakeflow pipeline of ours needs, asked of a session of the compute that is probed."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType

from fitness_assets.contracts.feeds import GYM_LOGINS
from fitness_assets.contracts.registry import get_table
from fitness_assets.databricks.lakeflow.datasets import column_types
from fitness_assets.databricks.lakeflow.judging import file_judge
from fitness_assets.databricks.probe.questions import Answer, Questions, Surroundings

_DEPENDENCIES = "https://docs.databricks.com/aws/en/ldp/developer/external-dependencies"
_AUTO_LOADER = "https://docs.databricks.com/ingestion/auto-loader/options.html"
_PIPELINE, _JOBS = "a Lakeflow pipeline can be deployed (deploy.sh --lakeflow)", "use the jobs, no Lakeflow pipeline"
_FILE = f"{GYM_LOGINS.header}\nprobe,1,1678521600,\n"

questions = Questions("lakeflow")


@questions.ask(expected=True, source=_DEPENDENCIES, if_so=_PIPELINE, if_not=_JOBS)
def judges_in_workers(surroundings: Surroundings) -> Answer:
    """Spark's Python workers import our wheel and judge a file."""
    path = f"{surroundings.folder}/{GYM_LOGINS.name}/a.csv"
    files = surroundings.spark.createDataFrame([(path, _FILE.encode())], "path STRING, content BINARY")
    return _answer(_judged(files, surroundings).collect()[0][0])


@questions.ask(expected=True, source=_AUTO_LOADER, if_so=_PIPELINE, if_not=_JOBS)
def whole_files(surroundings: Surroundings) -> Answer:
    """Auto Loader gives the files of a volume whole, to a Python function."""
    landing = surroundings.folder / GYM_LOGINS.name
    landing.mkdir()
    (landing / "a.csv").write_text(_FILE)
    table = f"{surroundings.schema}.`probe_{surroundings.token}_whole_files`"
    try:
        files = surroundings.spark.readStream.format("cloudFiles").option("cloudFiles.format", "binaryFile")
        writer = _judged(files.load(str(landing)), surroundings).writeStream.trigger(availableNow=True)
        writer = writer.option("checkpointLocation", str(surroundings.folder / "whole_files_checkpoint"))
        writer.toTable(table).awaitTermination(120)
        return _answer(surroundings.spark.table(table).collect()[0][0])
    finally:
        surroundings.spark.sql(f"DROP TABLE IF EXISTS {table}")


def _judged(files: DataFrame, surroundings: Surroundings) -> DataFrame:
    columns = ArrayType(column_types(get_table(GYM_LOGINS.table)))
    judge = F.udf(file_judge(GYM_LOGINS.table, str(surroundings.folder)), columns, useArrow=False)
    return files.select(F.inline(judge("path", "content"))).select("mac_address")


def _answer(mac_address: str) -> Answer:
    return Answer(mac_address == "probe", "one file, one row")
