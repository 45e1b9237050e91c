"""dagster-pyspark's lazy resource with our engine behind it; no engine is started here."""

from typing import Any

import pytest
from dagster import AssetExecutionContext, Definitions, asset, materialize
from dagster_pyspark import LazyPySparkResource

from fitness_assets.engine import spark_session as engine
from fitness_assets.errors import SettingError
from fitness_assets.resources.spark import SparkResource
from fitness_assets.settings.dagster import Target


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the engine is asked for a session with; the session is the number of the call."""
    calls: list[tuple[Any, ...]] = []

    def session(*arguments: Any) -> int:
        calls.append(arguments)
        return len(calls)

    monkeypatch.setattr(engine, "get_spark_session", session)
    return calls


def test_the_engine_is_first_asked_when_the_session_is(starts: list[tuple[Any, ...]]) -> None:
    spark = SparkResource(master="local[1]", memory="1g")
    assert not starts
    assert spark.session() == 1
    assert starts == [("local[1]", "1g", {})]


def test_what_takes_dagster_pysparks_resource_takes_ours(starts: list[tuple[Any, ...]]) -> None:
    @asset
    def sessions(context: AssetExecutionContext, pyspark: LazyPySparkResource) -> None:
        context.add_output_metadata({"session": pyspark.spark_session})

    assert materialize([sessions], resources={"pyspark": SparkResource()}).success
    assert starts == [("", "", {})]


def test_settings_of_spark_may_be_nested_as_dagster_pyspark_has_them(starts: list[tuple[Any, ...]]) -> None:
    config = {"spark": {"executor": {"memory": "2g", "cores": 4}}, "spark.sql.shuffle.partitions": "8"}
    SparkResource(spark_config=config).session()
    _, _, extra = starts[0]
    assert extra == {"spark.executor.memory": "2g", "spark.executor.cores": 4, "spark.sql.shuffle.partitions": "8"}


def test_they_can_be_given_with_a_run(starts: list[tuple[Any, ...]]) -> None:
    @asset
    def sessions(spark: SparkResource) -> None:
        spark.session()

    job = Definitions(
        assets=[sessions], resources={"spark": SparkResource.configure_at_launch()}
    ).resolve_implicit_global_asset_job_def()
    config = {"resources": {"spark": {"config": {"spark_config": {"spark.ui.enabled": "true"}, "memory": "1g"}}}}
    assert job.execute_in_process(run_config=config).success
    assert starts == [("", "1g", {"spark.ui.enabled": "true"})]


def test_the_engine_is_asked_again_as_its_server_may_have_been_started_anew(starts: list[tuple[Any, ...]]) -> None:
    spark = SparkResource()
    assert (spark.session(), spark.session()) == (1, 2)


def test_where_updates_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FITNESS_TARGET", raising=False)
    assert SparkResource().target is Target.LOCAL
    monkeypatch.setenv("FITNESS_TARGET", "databricks")
    assert SparkResource().target is Target.DATABRICKS
    monkeypatch.setenv("FITNESS_TARGET", "elsewhere")
    with pytest.raises(SettingError, match="it must be local or databricks"):
        _ = SparkResource().target
