"""Whole objects by name: there whole or not at all, in a folder and in a volume.

`databricks/test_strict_volumes.py` shows that a volume needs neither rename nor append for it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from databricks.sdk.core import Config

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.volume_storage import WorkspaceFiles, WorkspaceObjects
from fitness_assets.errors import LockTimeoutError
from fitness_assets.storage import Storage, open_storage
from fitness_assets.storage.folder import FolderStorage
from fitness_assets.storage.volume import VolumeStorage
from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace

NAME = "silver_db/users/progress.json"


@pytest.fixture(params=[FolderStorage, VolumeStorage, WorkspaceObjects, WorkspaceFiles])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """Each form that promises all of it, the last two in a volume of a workspace, by its Files API."""
    if request.param in (FolderStorage, VolumeStorage):
        yield request.param(tmp_path / "zone")
        return
    with FakeWorkspace(tmp_path / "workspace") as workspace:
        volume = workspace.create_volume("dev", "bronz_db", "zone")
        config = Config(host=workspace.host, token=workspace.token, auth_type="pat", retry_timeout_seconds=1)
        yield request.param(Client(config, retry_seconds=30).files, f"{volume}/zone")


def test_an_object_is_put_got_replaced_listed_and_deleted(storage: Storage) -> None:
    assert storage.get(NAME) is None
    assert storage.list_objects("silver_db/users") == []
    storage.put(NAME, b"one")
    storage.put("silver_db/users/checks.json", [b"in ", b"two parts"])
    storage.put(NAME, b"another")
    assert storage.get(NAME) == b"another"
    assert [(info.name, info.size) for info in storage.list_objects("silver_db/users")] == [
        ("silver_db/users/checks.json", 12),
        (NAME, 7),
    ]
    storage.delete(NAME)
    storage.delete(NAME)
    assert storage.get(NAME) is None
    storage.delete("silver_db/users")
    assert storage.list_objects("silver_db/users") == []


def test_names_and_contents_of_any_bytes(storage: Storage) -> None:
    for name, content in (("it's a käse/ä @ b", bytes(range(256))), ("empty", b""), ("at@00000000000000000007", b"x")):
        storage.put(name, content)
        assert storage.get(name) == content


def test_a_write_that_fails_leaves_the_object_as_it_was(storage: Storage) -> None:
    def failing() -> Iterator[bytes]:
        yield b"half of "
        raise OSError("the disk is full")

    storage.put(NAME, b"before")
    with pytest.raises(OSError, match="disk is full"):
        storage.put(NAME, failing())
    assert storage.get(NAME) == b"before"
    assert [info.name for info in storage.list_objects("silver_db/users")] == [NAME]
    storage.put(NAME, b"after")
    assert storage.get(NAME) == b"after"


def test_writers_of_one_object_at_once_put_whole_ones(storage: Storage) -> None:
    contents = [f"{letter}".encode() * 200_000 for letter in "abcd"]

    def put_and_get(content: bytes) -> None:
        for _ in range(25):
            storage.put(NAME, (content[start : start + 1_000] for start in range(0, len(content), 1_000)))
            assert storage.get(NAME) in contents

    with ThreadPoolExecutor() as pool:
        list(pool.map(put_and_get, contents))
    assert [info.name for info in storage.list_objects("silver_db/users")] == [NAME]


@pytest.mark.parametrize("kept_bytes", range(40))
def test_of_a_volume_a_write_that_was_cut_short_anywhere_does_not_count(tmp_path: Path, kept_bytes: int) -> None:
    storage = VolumeStorage(tmp_path)
    storage.put("note", b"before")
    (first,) = tmp_path.iterdir()
    whole = first.read_bytes()
    storage.put("note", b"behind")
    (second,) = tmp_path.iterdir()
    torn = second.read_bytes()[:kept_bytes]
    # As if the process had been killed before the older write was removed.
    second.write_bytes(torn)
    first.write_bytes(whole)
    assert storage.get("note") == (b"behind" if kept_bytes >= len(whole) else b"before")
    storage.put("note", b"mended")
    assert storage.get("note") == b"mended"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_killed_write_in_a_folder_leaves_the_object_as_it_was(tmp_path: Path) -> None:
    """The process ends in the middle of the content, as by a kill."""
    FolderStorage(tmp_path).put("note", b"before")
    code = (
        "import os, sys; from pathlib import Path; from fitness_assets.storage.folder import FolderStorage\n"
        "def parts():\n    yield b'half'\n    os._exit(9)\n"
        "FolderStorage(Path(sys.argv[1])).put('note', parts())"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 9
    storage = FolderStorage(tmp_path)
    assert storage.get("note") == b"before"
    assert [info.name for info in storage.list_objects()] == ["note"]


def test_a_lease_is_held_by_one_at_a_time_and_ends_with_its_process(storage: Storage, tmp_path: Path) -> None:
    with (
        storage.lease(NAME, "silver_db.users"),
        pytest.raises(LockTimeoutError, match=rf"silver_db\.users has been held by process {os.getpid()}"),
        storage.lease(NAME, "silver_db.users", patience=0.2),
    ):
        pass
    with storage.lease(NAME, "silver_db.users", patience=0):
        pass


def test_a_folder_below_volumes_is_a_volume() -> None:
    assert isinstance(open_storage(Path("/Volumes/dev/bronz_db/checkpoint_zone")), VolumeStorage)
    assert isinstance(open_storage(Path("/tmp/chkpt_zone")), FolderStorage)
