"""The list of ingested files: what an update writes follows what changed, and damage is noticed."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fitness_assets.contracts.registry import get_table
from fitness_assets.pipeline.landing.listing import FileVersion
from fitness_assets.pipeline.landing.loading import Content
from fitness_assets.pipeline.state import ingested_files
from fitness_assets.pipeline.state.ingested_files import IngestedFile, IngestedFiles
from fitness_assets_tests.storage.counted_storage import CountedStorage

TABLE = get_table("bronz_db.gym_logins_bz")


def ingested(number: int, load: int = 1) -> IngestedFile:
    digest = hashlib.blake2b(f"{number}/{load}".encode(), digest_size=16).hexdigest()
    return IngestedFile(FileVersion(1000 + number, number, number), load, Content(digest), records=number)


def named(numbers: "range | list[int]") -> dict[str, IngestedFile]:
    return {f"gym_logins_{number:06d}.csv": ingested(number) for number in numbers}


@pytest.fixture
def storage(tmp_path: Path) -> CountedStorage:
    return CountedStorage(tmp_path)


@pytest.fixture
def small_list(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A list that has parts after a few files."""
    monkeypatch.setattr(ingested_files, "_MAX_UNSEALED", 5)
    yield


def stored_files(storage: CountedStorage, folder: Path) -> list[Path]:
    return sorted(folder.rglob("ingested_files*"))


def test_a_long_history_makes_the_writes_of_an_update_no_larger(storage: CountedStorage) -> None:
    def written_by_one_more(landed: int) -> int:
        IngestedFiles(storage, TABLE).write(named(range(landed)))
        storage.reset()
        IngestedFiles(storage, TABLE).write(named(range(landed + 1)))
        return storage.written_bytes

    short, long = written_by_one_more(100), written_by_one_more(20_000)
    assert long < 2 * short < 40_000
    assert IngestedFiles(storage, TABLE).read() == named(range(20_001))


def test_an_entry_is_written_again_a_few_times_in_all(storage: CountedStorage) -> None:
    files: dict[str, IngestedFile] = {}
    sealed = 0
    for first in range(0, 20_000, 501):
        files |= named(range(first, first + 501))
        storage.reset()
        IngestedFiles(storage, TABLE).write(files)
        sealed += storage.written_bytes
    assert sealed < 8 * sum(path.stat().st_size for path in stored_files(storage, Path(storage.address())))
    assert len(stored_files(storage, Path(storage.address()))) < 10


@pytest.mark.usefixtures("small_list")
@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_written_is_read(storage: CountedStorage, seed: int) -> None:
    rng, files = random.Random(seed), named([])
    for _ in range(60):
        for _ in range(rng.choice([0, 1, 3, 12])):
            number = rng.randrange(80)
            files[f"gym_logins_{number:06d}.csv"] = replace(ingested(number, rng.randrange(4)), lost=rng.randrange(3))
        if rng.random() < 0.05:
            files.pop(next(iter(files), ""), None)
        lists = IngestedFiles(storage, TABLE)
        if rng.random() < 0.5:
            lists.read()
        lists.write(files)
        if rng.random() < 0.03:
            lists.forget()
            assert lists.read() is None and not stored_files(storage, Path(storage.address()))
            files = {}
            continue
        assert IngestedFiles(storage, TABLE).read() == files
    assert len(stored_files(storage, Path(storage.address()))) < 8


@pytest.mark.usefixtures("small_list")
@pytest.mark.parametrize("damage", ["torn", "empty", "missing", "another"])
def test_a_part_that_is_damaged_or_lost_is_noticed(storage: CountedStorage, tmp_path: Path, damage: str) -> None:
    """Otherwise its files would be taken for new, and their rows come in twice."""
    IngestedFiles(storage, TABLE).write(named(range(40)))
    IngestedFiles(storage, TABLE).write(named(range(41)))
    *_, part = [path for path in stored_files(storage, tmp_path) if "_0" in path.name]
    content = part.read_bytes()
    if damage == "missing":
        part.unlink()
    elif damage == "another":
        pq.write_table(pq.read_table(part).slice(1), part)
    else:
        part.write_bytes(content[: len(content) // 2] if damage == "torn" else b"")
    assert IngestedFiles(storage, TABLE).read() is None
    IngestedFiles(storage, TABLE).write(named(range(42)))
    assert IngestedFiles(storage, TABLE).read() == named(range(42))


@pytest.mark.usefixtures("small_list")
def test_a_killed_write_leaves_the_list_before_and_no_part_for_ever(
    storage: CountedStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    IngestedFiles(storage, TABLE).write(named(range(40)))

    def killed(lists: IngestedFiles, *_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(IngestedFiles, "_put_list", killed)
        IngestedFiles(storage, TABLE).write(named(range(50)))
    assert IngestedFiles(storage, TABLE).read() == named(range(40))
    IngestedFiles(storage, TABLE).write(named(range(50)))
    assert IngestedFiles(storage, TABLE).read() == named(range(50))
    assert len(stored_files(storage, tmp_path)) == 3


def test_a_list_of_the_version_before_is_taken_over(storage: CountedStorage, tmp_path: Path) -> None:
    """It was one object with all entries, whose schema said nothing of parts."""
    IngestedFiles(storage, TABLE).write(named(range(100)))
    (whole,) = stored_files(storage, tmp_path)
    before = pq.read_table(whole).drop(["lost"]).replace_schema_metadata(None)
    assert isinstance(before, pa.Table)
    pq.write_table(before, whole)
    assert IngestedFiles(storage, TABLE).read() == named(range(100))
    IngestedFiles(storage, TABLE).write(named(range(700)))
    assert IngestedFiles(storage, TABLE).read() == named(range(700))
