"""What we advise is carried out on the damage that it is for."""

import errno
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable

from fitness_assets.errors import TableUnreadableError
from fitness_assets.lakehouse.local.log_files import commit_file, log_folder
from fitness_assets.lakehouse.local.snapshot_cache import cached_snapshot
from fitness_assets.sample.history import sample_arrivals
from fitness_assets.sample.landing_files import write_events
from fitness_assets_tests.checkout import ROOT
from fitness_assets_tests.durability.stress.faults import is_refusal, refused_at
from fitness_assets_tests.end_to_end.test_against_reference import UNTIDY, assert_equals_reference
from fitness_assets_tests.platform import Platform
from fitness_assets_tests.records import LOGINS

pytestmark = pytest.mark.slow


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def with_flipped_bits(file: Path) -> None:
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[4:middle] = bytes(byte ^ 0xFF for byte in content[4:middle])
    file.write_bytes(bytes(content))


def removed(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("damage", [emptied, with_flipped_bits, removed])
@pytest.mark.parametrize("name", ["bronz_db.kafka_multiplex_bz", "silver_db.heart_rate", "silver_db.quarantine"])
def test_a_full_refresh_mends_a_table_whose_data_files_are_damaged(
    built: Platform, name: str, damage: Callable[[Path], None]
) -> None:
    for path in DeltaTable(str(built.path(name))).file_uris():
        damage(Path(path))
    built.update(name, full=True)
    built.update()
    assert_equals_reference(built)


def test_a_damaged_checkpoint_is_removed_with_the_hint_to_it_and_the_commits_tell(built: Platform) -> None:
    path = built.path("silver_db.heart_rate")
    DeltaTable(str(path)).create_checkpoint()
    checkpoints = [*log_folder(path).glob("*.checkpoint.parquet"), log_folder(path) / "_last_checkpoint"]
    for file in checkpoints:
        emptied(file)
    for file in checkpoints:
        removed(file)
    write_events(built.settings.landing_zone, sample_arrivals(UNTIDY)[:50], "again")
    built.update()
    assert_equals_reference(built)


def test_a_full_disk_is_told_and_the_next_run_goes_on_when_there_is_room(built: Platform) -> None:
    write_events(built.settings.landing_zone, sample_arrivals(UNTIDY)[:50], "more")
    for write in (0, 3, 9):
        with refused_at(write, errno.ENOSPC), pytest.raises(Exception) as raised:
            built.update()
        assert is_refusal(raised.value)
    built.update()
    assert_equals_reference(built)


def test_the_rows_of_a_wrong_file_are_taken_out_everywhere_and_do_not_come_back(platform: Platform) -> None:
    """As docs/on-call.md has it: the file is taken away, its rows are deleted, and the next run does the rest."""
    (remedy,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/on-call.md").read_text(encoding="utf-8"), re.DOTALL)
    platform.land("gym_logins_bz", "right.csv", [LOGINS, "aa,5,1678451168,"])
    wrong = platform.land("gym_logins_bz", "wrong.csv", [LOGINS, "aa,6,1678451169,", "bb,6,1,2"])
    platform.update()
    assert len(platform.rows("silver_db.gym_logs")) == 3
    wrong.unlink()
    exec(remedy.replace(".fitness/dev", str(platform.settings.base_dir)), {})
    for _ in range(2):
        platform.update()
        assert [row[:2] for row in platform.rows("silver_db.gym_logs")] == [("aa", 5)]
    platform.land("gym_logins_bz", "mended.csv", [LOGINS, "bb,6,1,2"])
    platform.update()
    assert [row[:2] for row in platform.rows("silver_db.gym_logs")] == [("aa", 5), ("bb", 6)]


@pytest.mark.parametrize("name", ["bronz_db.kafka_multiplex_bz", "silver_db.heart_rate"])
def test_a_torn_last_commit_is_named_and_what_it_did_is_done_again_without_it(built: Platform, name: str) -> None:
    write_events(built.settings.landing_zone, sample_arrivals(UNTIDY)[-50:], "more")
    built.update()
    commit = commit_file(log_folder(built.path(name)), built.version(name))
    commit.write_bytes(commit.read_bytes()[:-200])
    cached_snapshot(built.path(name))._cached = None  # as in another process
    with pytest.raises(TableUnreadableError, match=f"{commit.name}.*remove it"):
        built.update()
    commit.unlink()
    built.update()
    assert_equals_reference(built)
