"""The machines of the stand-in have another Spark than Dagster's, the packages of Databricks, and their refusals."""

import json
from pathlib import Path

import pytest
from databricks.sdk.service import compute

from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace, build_wheel
from fitness_assets_tests.databricks.test_fake_workspace.sdk_client import SdkClient

pytestmark = [pytest.mark.programs, pytest.mark.slow]

ASKING = """
import json, os, sys
from pyspark.sql import SparkSession

def main():
    spark = SparkSession.builder.getOrCreate()
    answers = {"spark": spark.version, "python": list(sys.version_info[:2])}

    def ask(name, action):
        try:
            action()
            answers[name] = "done"
        except Exception as error:
            answers[name] = str(error).splitlines()[0]

    def load(**options):
        files = spark.readStream.format("cloudFiles").schema("id BIGINT")
        files.options(**{f"cloudFiles.{name}": value for name, value in options.items()}).load(sys.argv[1])

    def stream(**trigger):
        rows = spark.readStream.format("rate").load()
        options = {"checkpointLocation": f"{sys.argv[1]}/{len(answers)}"}
        writer = rows.writeStream.format("memory").queryName(f"q{os.getpid()}").options(**options)
        writer.trigger(**trigger).start().stop()

    def client():
        from databricks.sdk import WorkspaceClient
        WorkspaceClient(host="https://example.com", token="t")

    ask("zone", lambda: spark.conf.set("spark.sql.session.timeZone", "UTC"))
    ask("tuning", lambda: spark.conf.set("spark.databricks.delta.snapshotPartitions", "1"))
    ask("tuning in SQL", lambda: spark.sql("SET spark.databricks.delta.snapshotPartitions=1"))
    ask("context", lambda: spark.sparkContext)
    ask("jvm", lambda: spark._jvm)
    ask("rdd", lambda: spark.range(1).rdd)
    ask("persist", lambda: spark.range(1).persist())
    ask("cache table", lambda: spark.sql("CACHE TABLE nothing AS SELECT 1").collect())
    ask("global view", lambda: spark.range(1).createOrReplaceGlobalTempView("everywhere"))
    ask("two names", lambda: spark.sql("CREATE SCHEMA bronz_db").collect())
    ask("three names", lambda: spark.sql("CREATE TABLE dev.default.t (id BIGINT) USING DELTA").collect())
    ask("its history", lambda: spark.sql("DESCRIBE HISTORY dev.default.t").collect())
    ask("dropping it", lambda: spark.sql("DROP TABLE dev.default.t").collect())
    ask("timed stream", lambda: stream(processingTime="1 second"))
    ask("bounded stream", lambda: stream(availableNow=True))
    ask("auto loader", lambda: load(format="json", maxFilesPerTrigger="1"))
    ask("unknown option", lambda: load(format="json", maxFilesPerTriggers="1"))
    ask("client", client)
    print(json.dumps(answers))
"""
REFUSED_BY_CONNECT = {"context", "jvm", "rdd"}
REFUSED_BY_SERVERLESS = {"tuning", "tuning in SQL", "persist", "cache table", "global view", "timed stream"}


@pytest.mark.parametrize(
    ("form", "refused"),
    [
        ("serverless", REFUSED_BY_CONNECT | REFUSED_BY_SERVERLESS | {"unknown option"}),
        ("existing", REFUSED_BY_CONNECT | {"unknown option", "client"}),
    ],
)
def test_a_session_refuses_what_it_refuses_on_that_compute(
    spark_workspace: FakeWorkspace, tmp_path: Path, form: str, refused: set[str]
) -> None:
    client = SdkClient(spark_workspace, tmp_path)
    wheel = build_wheel(tmp_path, "echo", ASKING, version="2.0")
    client.wheel = f"{client.volume}/{wheel.name}"
    client.api.files.upload(client.wheel, wheel.open("rb"))
    run = spark_workspace.runs[client.submit(client.task(client.volume, compute_form=form))].wait(600)
    answers = json.loads(run.tasks[0].stdout.splitlines()[-1])
    assert answers.pop("spark").startswith("4.0.") and answers.pop("python") == [3, 12]
    assert {name for name, answer in answers.items() if answer != "done"} == refused | {"two names"}, answers
    if form == "serverless":
        assert "[CONFIG_NOT_AVAILABLE]" in answers["tuning"] and "maxFilesPerTriggers" in answers["unknown option"]
    if form == "existing":
        assert "cannot configure default credentials" in answers["client"]


def test_a_wheel_has_what_the_machine_has_and_what_comes_with_it_and_nothing_else(
    spark_workspace: FakeWorkspace, tmp_path: Path
) -> None:
    client = SdkClient(spark_workspace, tmp_path)
    printing = "def main():\n    import needed, numpy\n    print(numpy.__version__, needed.__file__)\n"
    wheels = {
        "needed": build_wheel(tmp_path, "needed", "", requires=["numpy>=2.1"]),
        "printing": build_wheel(tmp_path, "printing", printing, requires=["needed"]),
        "greedy": build_wheel(tmp_path, "greedy", printing, requires=["databricks-sdk>=0.60,<0.61"]),
    }
    for wheel in wheels.values():
        client.api.files.upload(f"{client.volume}/{wheel.name}", wheel.open("rb"))
    listed = "".join(f"{client.volume}/{wheels[name].name}\n" for name in ("needed", "printing"))
    client.workspace.local_path(f"{client.volume}/requirements.txt").write_text(listed)

    def run(name: str, *libraries: compute.Library) -> tuple[str, str]:
        task = client.task(libraries=list(libraries)).as_dict()
        task["python_wheel_task"] = {"package_name": name, "entry_point": "main"}
        run_id = client.api.api_client.do("POST", "/api/2.2/jobs/runs/submit", body={"tasks": [task]})["run_id"]
        run = spark_workspace.runs[run_id].wait(300)
        return run.tasks[0].stdout, run.state.message

    alone = compute.Library(whl=f"{client.volume}/{wheels['printing'].name}")
    greedy = compute.Library(whl=f"{client.volume}/{wheels['greedy'].name}")
    together = compute.Library(requirements=f"{client.volume}/requirements.txt")
    assert "No matching distribution found for needed" in run("printing", alone)[1]
    assert "No matching distribution found for databricks-sdk<0.61,>=0.60" in run("greedy", greedy)[1]
    printed, message = run("printing", together)
    assert printed.startswith("2.1.3 ") and str(spark_workspace.folder / "libraries" / client.cluster) in printed, (
        message
    )
    assert run("printing", alone)[0] == printed, "a cluster keeps what it has"
