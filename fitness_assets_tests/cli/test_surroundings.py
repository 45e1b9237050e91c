"""Whatever the machine sets for others is of no consequence to a command, or is named in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fitness_assets.errors import EngineError
from fitness_assets_tests.records import LOGINS, NOON, action, reading

pytestmark = pytest.mark.programs

PROGRAM = [sys.executable, "-m", "fitness_assets.cli.main"]


def run(*words: str, **variables: str | None) -> "subprocess.CompletedProcess[str]":
    environment = {name: text for name, text in {**os.environ, **variables}.items() if text is not None}
    return subprocess.run(
        [*PROGRAM, *words], env=environment, capture_output=True, text=True, check=False, errors="replace"
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base folder with records of all kinds, updated among everything that is meant for others."""
    folder = tmp_path_factory.mktemp("surroundings")
    base = folder / "base of Zoë"
    landing = base / "data_zone/raw"
    for name, lines in {
        "gym_logins_bz/gym_2026-11-23T10:00:00.csv": [LOGINS, f"aa,5,{NOON},{NOON + 9000}"],
        "gym_logins_bz/Zürich.csv": [LOGINS, f"bb,5,{NOON},{NOON + 9000}"],
        "registered_users_bz/a.csv": ["user_id,device_id,mac_address,registration_timestamp", "1,10,aa,1"],
        "kafka_multiplex_bz/a.json": [action(1, 1, NOON, "start"), action(1, 1, NOON + 600, "stop")],
        "kafka_multiplex_bz/b.json": [reading(10, NOON + number / 100, 60.0) for number in range(60_000)],
    }.items():
        file = landing / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    hadoop = folder / "hadoop"
    hadoop.mkdir()
    (hadoop / "core-site.xml").write_text(
        "<configuration><property><name>fs.defaultFS</name><value>hdfs://nowhere:9000</value></property></configuration>"
    )
    (hadoop / "spark-defaults.conf").write_text("spark.master yarn\nspark.sql.session.timeZone Asia/Tokyo\n")
    done = run(
        "run",
        FITNESS_BASE_DIR=str(base),
        JAVA_TOOL_OPTIONS="-Duser.language=ar -Duser.country=EG -Duser.timezone=Asia/Tokyo",
        JAVA_HOME=str(folder / "nothing"),
        SPARK_HOME=str(folder / "nothing"),
        SPARK_REMOTE="",
        SPARK_CONF_DIR=str(hadoop),
        HADOOP_CONF_DIR=str(hadoop),
        PYSPARK_SUBMIT_ARGS="--master yarn pyspark-shell",
        LC_ALL="C",
        LANG="C",
        TZ="America/St_Johns",
        PYTHONIOENCODING="ascii",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return base


def test_every_record_came_in_and_every_file_has_latin_digits(base: Path) -> None:
    shown = run("show", FITNESS_BASE_DIR=str(base), TZ="America/St_Johns")
    assert shown.returncode == 0, shown.stderr
    assert "2026-02-28" in shown.stdout and "12:00:00" in shown.stdout, "times are UTC"
    for file in (base / "data_zone").rglob("_delta_log/*"):
        assert file.name.isascii(), file
    status = run("status", FITNESS_BASE_DIR=str(base))
    assert status.returncode == 0 and "waiting:" not in status.stdout, status.stdout


def test_an_ascii_terminal_and_a_pipe_that_is_closed(base: Path) -> None:
    shown = run("status", FITNESS_BASE_DIR=str(base), PYTHONIOENCODING="ascii")
    assert shown.returncode == 0 and "Traceback" not in shown.stderr
    command = f"{sys.executable} -m fitness_assets.cli.main show | head -1; exit ${{PIPESTATUS[0]}}"
    piped = subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, "FITNESS_BASE_DIR": str(base), "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert piped.returncode in (0, 1) and piped.stderr == "", piped


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("abfss://container@account/base", "it must be a folder of this machine"),
        ("/tmp/[x]/base", "a folder of tables may not have '[' in its path"),
        ("/tmp/100%/base", "a folder of tables may not have '%' in its path"),
    ],
)
def test_a_base_folder_that_cannot_be_used_is_named(folder: str, reason: str, tmp_path: Path) -> None:
    shown = subprocess.run(
        [*PROGRAM, "status"],
        env={**os.environ, "FITNESS_BASE_DIR": folder},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 1
    assert shown.stderr.startswith("fitness-assets: FITNESS_BASE_DIR is ") and reason in shown.stderr
    assert len(shown.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_user_without_a_name_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from fitness_assets.engine import spark_session

    def nameless(_: int) -> None:
        raise KeyError

    monkeypatch.setattr(spark_session.pwd, "getpwuid", nameless)
    with pytest.raises(EngineError, match=r"The user \d+ has no name on this machine"):
        spark_session.engine_environment()


def test_packages_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fitness_assets import private_files
    from fitness_assets.engine import java

    monkeypatch.setattr(java.sys, "prefix", "/proc")
    monkeypatch.setattr(private_files.tempfile, "gettempdir", lambda: str(tmp_path))
    java.java_home.cache_clear()
    try:
        assert java.major_version(java.java_home() / "bin" / "java") >= java.OLDEST_VERSION
        assert java.java_home().is_relative_to(tmp_path)
    finally:
        java.java_home.cache_clear()
