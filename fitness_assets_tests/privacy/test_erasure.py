"""A person is forgotten: nowhere to be found, brought back by nothing, and everybody else's rows are the same."""

import gzip
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from fitness_assets.cli.main import main
from fitness_assets.contracts.registry import all_tables
from fitness_assets.lakehouse.local.log_files import log_folder
from fitness_assets.pipeline.backup import newest_backup, restore, take_backup
from fitness_assets.pipeline.strategies.ingestion.blanking import BlankedFiles
from fitness_assets.sample.landing_files import write_calendar
from fitness_assets_tests.durability.stress.faults import KilledError
from fitness_assets_tests.end_to_end.test_against_reference import assert_equals_reference
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS, NOON, REGISTERED, action, profile, reading

pytestmark = pytest.mark.slow

ID_COLUMNS = {"user_id", "device_id", "mac_address"}


def one_of(platform: Platform) -> tuple[int, int, str]:
    """Somebody: id, device and address. The least ones, which the statistics of files tell."""
    return platform.rows("silver_db.users", "user_id, device_id, mac_address")[0]  # type: ignore[return-value]


def rows_of_others(platform: Platform, person: tuple[int, int, str]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of silver and gold in which none of the person's ids stands."""
    found = {}
    for name, table in all_tables().items():
        if table.layer.value != "bronz_db" and name != "silver_db.quarantine":
            columns = [column.name for column in table.columns]
            ids = [place for place, column in enumerate(columns) if column in ID_COLUMNS]
            rows = platform.rows(name, ", ".join(columns))
            found[name] = [row for row in rows if not any(row[place] in person for place in ids)]
    return found


def values_below(folder: Path) -> Iterator[tuple[Path, Any]]:
    """Everything below a folder: bytes as they lie, unpacked, and each value of Parquet files."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            yield file, content
            if file.suffix == ".gz":
                yield file, gzip.decompress(content)
            if file.suffix == ".parquet":
                for column in pq.read_table(file, partitioning=None).columns:
                    yield from ((file, value) for value in column.to_pylist())


def places_of(folder: Path, person: tuple[int, int, str]) -> list[str]:
    """Where the person can be found."""
    device, mac = person[1:]
    texts = [str(device), *(form for form in (mac, mac.upper(), mac.replace(":", ""), mac.replace(":", "-")))]
    found = set()
    for file, value in values_below(folder):
        if value == device or (isinstance(value, str) and any(text in value for text in texts)):
            found.add(str(file))
        if isinstance(value, bytes) and any(text.encode() in value for text in texts):
            found.add(str(file))
    return sorted(found)


def test_a_person_is_nowhere_and_everybody_elses_rows_are_the_same(of_many: Platform, tmp_path: Path) -> None:
    person = one_of(of_many)
    take_backup(of_many.lake, tmp_path / "backups")
    before, base = rows_of_others(of_many, person), of_many.settings.base_dir
    assert len(places_of(base, person)) > 10 and places_of(tmp_path / "backups", person)
    assert main(["erase", "--user", str(person[0]), "--backups", str(tmp_path / "backups"), "--yes"]) == 0
    assert places_of(base, person) == places_of(tmp_path / "backups", person) == []
    assert rows_of_others(of_many, person) == before
    assert_equals_reference(of_many)
    assert {result.mode for result in of_many.update().values()} == {"unchanged"}


def test_nothing_brings_a_forgotten_person_back(of_many: Platform, tmp_path: Path) -> None:
    person, base = one_of(of_many), of_many.settings.base_dir
    landed = tmp_path / "landed_before"
    shutil.copytree(of_many.settings.landing_zone, landed)
    backup = take_backup(of_many.lake, tmp_path / "old_backup")
    before = rows_of_others(of_many, person)
    assert main(["erase", "--user", str(person[0]), "--yes"]) == 0

    def is_gone() -> None:
        of_many.update()
        assert rows_of_others(of_many, person) == before
        tables = [of_many.settings.data_zone / layer for layer in ("bronz_db", "silver_db", "gold_db")]
        assert not [place for folder in tables for place in _current(of_many, folder, person)]

    is_gone()
    for number, file in enumerate(sorted(landed.rglob("*.json")) + sorted(landed.rglob("*.csv"))):
        if "date_lookup" not in str(file):
            shutil.copyfile(file, of_many.settings.landing_zone / file.parent.name / f"again_{number}{file.suffix}")
    is_gone()
    of_many.update(full=True)
    is_gone()
    for note in base.rglob("ingested_files.parquet"):
        note.unlink()
    for note in base.rglob("progress.json"):
        note.unlink()
    is_gone()
    restore(of_many.settings, newest_backup(backup.folder.parent), is_replacing=True)
    is_gone()


def _current(platform: Platform, folder: Path, person: tuple[int, int, str]) -> list[str]:
    from deltalake import DeltaTable

    found = []
    for table in sorted(folder.iterdir()):
        rows = DeltaTable(str(table)).to_pyarrow_table()
        for column in ID_COLUMNS & set(rows.column_names):
            found += [f"{table.name}.{column}" for value in rows[column].to_pylist() if value in person]
    return found


def test_a_device_that_changed_hands_is_each_persons_for_a_time(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_calendar(platform.settings.landing_zone)
    platform.land(
        "registered_users_bz",
        "a.csv",
        [REGISTERED, f"1,10,aabbccddee01,{NOON}", f"2,10,AA:BB:CC:DD:EE:01,{NOON + 1000}"],
    )
    readings = [reading(10, NOON + second, 60) for second in (-5, 10, 990, 1000, 1500)]
    platform.land("kafka_multiplex_bz", "a.json", [*readings, action(1, 1, NOON, "start"), profile(1, NOON)])
    visits = [f"aabbccddee01,5,{NOON + begin},{NOON + begin + 5}" for begin in (10, 1010)]
    platform.land("gym_logins_bz", "a.csv", [LOGINS, *visits])
    platform.update()
    monkeypatch.setenv("FITNESS_BASE_DIR", str(platform.settings.base_dir))
    monkeypatch.setenv("FITNESS_AS_OF", platform.settings.as_of.isoformat())
    assert main(["erase", "--user", "1", "--yes"]) == 0
    assert len(platform.rows("silver_db.heart_rate", "time")) == 2
    assert len(platform.rows("silver_db.gym_logs", "login")) == 1
    assert platform.rows("silver_db.users", "user_id") == [(2,)]


def test_what_would_go_is_counted_and_nothing_changed(of_many: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    person = one_of(of_many)
    before = {name: of_many.version(name) for name in all_tables()}
    assert main(["erase", "--mac", person[2].upper().replace(":", "-"), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "silver_db.heart_rate" in told and "gold_db.workout_bpm_summary" in told and "batch_0.json" in told
    assert {name: of_many.version(name) for name in all_tables()} == before
    assert not (of_many.settings.checkpoint_zone / "erasures").exists()


def test_of_the_log_only_the_latest_version_is_left_and_spark_reads_it(of_many: Platform, spark: SparkSession) -> None:
    person = one_of(of_many)
    assert main(["erase", "--user", str(person[0]), "--yes"]) == 0
    for name in all_tables():
        path = of_many.path(name)
        commits = sorted(file.name for file in log_folder(path).glob("*.json"))
        assert commits == [f"{of_many.version(name):020d}.json"]
        assert spark.read.format("delta").load(str(path)).count() == len(of_many.rows(name))


def test_a_file_of_nobody_else_lands_and_leaves_nothing(of_many: Platform) -> None:
    person = one_of(of_many)
    assert main(["erase", "--user", str(person[0]), "--yes"]) == 0
    file = of_many.land("kafka_multiplex_bz", "later.json", [reading(person[1], NOON, 60)])
    for full in (False, True, False):
        of_many.update(full=full)
        assert not file.exists() and places_of(of_many.settings.base_dir, person) == []


@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_of_a_file_that_others_are_in_only_the_persons_lines_go(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setenv("FITNESS_BASE_DIR", str(platform.settings.base_dir))
    monkeypatch.setenv("FITNESS_AS_OF", platform.settings.as_of.isoformat())
    platform.land(
        "registered_users_bz", "a.csv", [REGISTERED, f"1,10,aabbccddee01,{NOON}", f"2,20,aabbccddee02,{NOON}"]
    )
    lines = [LOGINS, f"aabbccddee01,5,{NOON + 10},{NOON + 20}", f"aabbccddee02,6,{NOON + 10},{NOON + 20}"]
    content = "".join(f"{line}\n" for line in lines).encode()
    file = platform.land("gym_logins_bz", f"b.{ending}", gzip.compress(content) if ending.endswith("gz") else content)
    other_header = b"x" + content
    packed = gzip.compress(other_header) if ending.endswith("gz") else other_header
    odd = platform.land("gym_logins_bz", f"c.{ending}", packed)
    platform.update()
    assert main(["erase", "--user", "1", "--yes"]) == 0
    for left in (file, odd):
        text = gzip.decompress(left.read_bytes()) if ending.endswith("gz") else left.read_bytes()
        assert b"aabbccddee02" in text and b"aabbccddee01" not in text
    platform.update(full=True)
    assert [row[:2] for row in platform.rows("silver_db.gym_logs", "mac_address,gym")] == [("aa:bb:cc:dd:ee:02", 6)]
    assert {result.mode for result in platform.update().values()} == {"unchanged"}


def test_an_update_that_was_killed_before_it_blanked_what_came_later_is_finished_by_the_next(
    of_many: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = one_of(of_many)
    assert main(["erase", "--user", str(person[0]), "--yes"]) == 0
    others = [reading(9_999_999, NOON, 60), reading(person[1], NOON, 61)]
    file = of_many.land("kafka_multiplex_bz", "later.json", others)
    with pytest.MonkeyPatch.context() as patch, suppress(KilledError):
        patch.setattr(BlankedFiles, "blank", killed)
        of_many.update()
    assert str(person[1]) in file.read_text()
    of_many.update()
    assert file.read_text().count("heartrate") == 1
    assert places_of(of_many.settings.base_dir, person) == []


def killed(*_: object) -> None:
    raise KilledError
