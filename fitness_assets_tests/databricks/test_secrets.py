"""Secrets on the workspace: by the runtime's dbutils where there is one, else by SQL, never by a client of the SDK."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.service import compute, jobs
from pyspark.sql import SparkSession
from pyspark.sql.functions import udtf

from fitness_assets.databricks.runs.secrets import read_secrets
from fitness_assets.errors import SettingError
from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace, build_wheel
from fitness_assets_tests.databricks.test_fake_workspace.sdk_client import SdkClient

READ = """
import json, sys
from fitness_assets.databricks.runs.secrets import read_secrets

class NoSql:
    def sql(self, statement):
        raise RuntimeError("SQL knows no such function")

def main():
    try:
        print(json.dumps(read_secrets(NoSql(), sys.argv[1])))
    except Exception as error:
        print(type(error).__name__, error)
"""
Secrets = dict[tuple[str, str], str]


@pytest.fixture
def secrets_in_sql(spark: SparkSession) -> Iterator[Callable[[Secrets], None]]:
    """Gives SQL the functions that Databricks has, with some secrets."""

    def register(secrets: Secrets) -> None:
        class ListSecrets:
            def eval(self) -> Iterator[tuple[str, str]]:
                yield from secrets

        spark.udtf.register("list_secrets", udtf(ListSecrets, returnType="scope: string, key: string"))  # type: ignore[arg-type]
        spark.udf.register("secret", lambda scope, key: secrets[scope, key], "string")

    yield register
    for name in ("list_secrets", "secret"):
        spark.sql(f"DROP TEMPORARY FUNCTION IF EXISTS {name}")


def test_without_dbutils_they_come_by_sql(
    spark: SparkSession, secrets_in_sql: Callable[[Secrets], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    ours = {("it's ours", "KAFKA_BOOTSTRAP_SERVERS"): "broker:9092", ("it's ours", "FITNESS_SQL_URL"): "a'b\\c"}
    secrets_in_sql({**ours, ("other", "KEY"): "not ours"})
    assert read_secrets(spark, "it's ours") == {key: value for (_, key), value in ours.items()}
    with pytest.raises(SettingError, match=r"secret scope none cannot be read: .*no key that may be read.*governance"):
        read_secrets(spark, "none")


def test_a_value_that_databricks_does_not_show_is_none(
    spark: SparkSession, secrets_in_sql: Callable[[Secrets], None]
) -> None:
    secrets_in_sql({("ours", "KEY"): "[REDACTED]"})
    with pytest.raises(SettingError, match=r"secret\(\) does not show its values"):
        read_secrets(spark, "ours")


@pytest.mark.programs
def test_a_cluster_that_has_dbutils_gives_them_by_it_and_others_say_so(tmp_path: Path, project_wheel: Path) -> None:
    with FakeWorkspace(tmp_path / "workspace") as workspace:
        workspace.secrets["ours"] = {"KEY": "value"}
        client = SdkClient(workspace, tmp_path)
        wheel = build_wheel(tmp_path, "reading", READ)
        for file in (wheel, project_wheel):
            workspace.local_path(f"{client.volume}/{file.name}").write_bytes(file.read_bytes())
        libraries = [compute.Library(whl=f"{client.volume}/{file.name}") for file in (wheel, project_wheel)]
        printed = {}
        for form in ("new", "existing"):
            task = client.task(
                compute_form=form,
                python_wheel_task=jobs.PythonWheelTask("reading", "main", parameters=["ours"]),
                libraries=libraries,
            )
            printed[form] = workspace.runs[client.submit(task)].wait().tasks[0].stdout.strip()
    assert json.loads(printed["new"]) == {"KEY": "value"}
    assert printed["existing"] == (
        "SettingError The secret scope ours cannot be read: there is no dbutils; SQL knows no such function. Make it "
        "(fitness-assets governance apply) and let the service principal read it."
    )


def test_what_reads_them_makes_no_client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An older SDK falls back to one where there is no runtime: it must not be asked for with these credentials."""
    calls: list[Any] = []
    monkeypatch.setenv("DATABRICKS_HOST", "http://127.0.0.1:1")
    monkeypatch.setenv("DATABRICKS_TOKEN", "token")
    monkeypatch.setattr("databricks.sdk.core.ApiClient.do", lambda *arguments, **_: calls.append(arguments))

    class NoSql:
        def sql(self, statement: str) -> None:
            raise RuntimeError("no SQL")

    with pytest.raises(SettingError):
        read_secrets(NoSql(), "ours")  # type: ignore[arg-type]
    assert not calls
