"""What a volume refuses is refused here: to a process, to its children, and to a task of the workspace."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.service import compute, jobs

from fitness_assets_tests.databricks.fake_workspace import build_wheel
from fitness_assets_tests.databricks.fake_workspace.machine.strict_volumes import compiler_works, strict_environment
from fitness_assets_tests.databricks.test_fake_workspace.sdk_client import SdkClient

pytestmark = pytest.mark.programs

ATTEMPTS = """
import fcntl, json, mmap, os, shutil, sys
from pathlib import Path

volume, elsewhere = (Path(argument) for argument in sys.argv[1:])
there, mine = volume / "there", elsewhere / "mine"


def opened(mode, use=lambda file: file.write(b"x"), path=there):
    with open(path, mode, buffering=0) as file:
        return use(file)


def written_over(file):
    file.write(b"abc")
    file.seek(0)
    file.write(b"x")


def written_behind_a_hole(file):
    file.seek(100)
    file.write(b"x")


def map_of(file):
    file.write(b"abc")
    with open(file.name, "r+b") as again:
        mmap.mmap(again.fileno(), 3)


attempts = {
    "rename": lambda: os.rename(there, volume / "b"),
    "replace": lambda: there.replace(volume / "b"),
    "rename out of it": lambda: os.rename(there, elsewhere / "b"),
    "rename into it": lambda: os.rename(mine, volume / "b"),
    "rename by another name": lambda: (os.chdir(volume), os.rename("there", "b")),
    "rename by a folder": lambda: os.rename("there", "b", src_dir_fd=os.open(volume, 0), dst_dir_fd=os.open(volume, 0)),
    "link": lambda: os.link(there, volume / "b"),
    "symlink": lambda: os.symlink(there, volume / "b"),
    "flock": lambda: opened("rb", lambda file: fcntl.flock(file, fcntl.LOCK_EX)),
    "lockf": lambda: opened("rb", lambda file: fcntl.lockf(file, fcntl.LOCK_SH)),
    "append": lambda: opened("ab"),
    "write into what is there": lambda: opened("r+b"),
    "write over": lambda: opened("wb", written_over, volume / "new"),
    "write behind a hole": lambda: opened("wb", written_behind_a_hole, volume / "new"),
    "write at an offset": lambda: opened("wb", lambda file: os.pwrite(file.fileno(), b"x", 5), volume / "new"),
    "truncate": lambda: os.truncate(there, 1),
    "shared map": lambda: opened("w+b", map_of, volume / "new"),
    "set times": lambda: os.utime(there, (1, 1)),
    "set modes": lambda: os.chmod(there, 0o600),
    "copy with times": lambda: shutil.copy2(mine, volume / "copy"),
    "write whole": lambda: (volume / "new").write_bytes(b"x" * 1_000_000),
    "write in pieces": lambda: opened("wb", lambda file: [file.write(b"x"), file.write(b"y")], volume / "new"),
    "write again whole": lambda: there.write_bytes(b"content"),
    "sync": lambda: opened("wb", lambda file: (file.write(b"x"), os.fsync(file.fileno())), volume / "new"),
    "copy": lambda: shutil.copyfile(there, volume / "copy"),
    "make and remove": lambda: ((volume / "a/b").mkdir(parents=True), shutil.rmtree(volume / "a")),
    "rename elsewhere": lambda: os.rename(mine, elsewhere / "yours"),
    "append elsewhere": lambda: opened("ab", path=mine),
    "lock elsewhere": lambda: opened("rb", lambda file: fcntl.flock(file, fcntl.LOCK_EX), mine),
}
refused = {}
for name, attempt in attempts.items():
    there.write_bytes(b"content")
    mine.write_bytes(b"mine")
    try:
        attempt()
        refused[name] = 0
    except OSError as error:
        refused[name] = error.errno
print(json.dumps(refused))
"""
NO, NOT_HERE, FORBIDDEN = errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM
EXPECTED = {
    **dict.fromkeys(("rename", "replace", "rename out of it", "rename into it", "rename by another name"), NO),
    **dict.fromkeys(("rename by a folder", "link", "symlink", "flock", "lockf"), NO),
    **dict.fromkeys(("append", "write into what is there", "write over", "write behind a hole"), NOT_HERE),
    **dict.fromkeys(("write at an offset", "truncate", "shared map"), NOT_HERE),
    **dict.fromkeys(("set times", "set modes", "copy with times"), FORBIDDEN),
    **dict.fromkeys(("write whole", "write in pieces", "write again whole", "sync", "copy", "make and remove"), 0),
    **dict.fromkeys(("rename elsewhere", "append elsewhere", "lock elsewhere"), 0),
}


@pytest.fixture(autouse=True)
def compiler() -> None:
    if not compiler_works():
        missing = "There is no gcc, which makes the strict volumes: apt-get install gcc libc6-dev."
        if os.environ.get("FITNESS_REQUIRE_SERVERS") == "1":
            pytest.fail(missing)
        pytest.skip(missing)


def run_strictly(volume: Path, *command: str, skew: int = 0) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | strict_environment(volume, skew)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A volume, and a folder that is none."""
    volume, elsewhere = tmp_path / "Volumes" / "a", tmp_path / "elsewhere"
    volume.mkdir(parents=True)
    elsewhere.mkdir()
    return volume, elsewhere


def test_only_whole_sequential_writes_are_taken(folders: tuple[Path, Path]) -> None:
    done = run_strictly(folders[0], sys.executable, "-c", ATTEMPTS, *map(str, folders))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == EXPECTED


def test_without_it_all_of_it_is_taken(folders: tuple[Path, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ATTEMPTS, *map(str, folders)], capture_output=True, text=True, check=True
    )
    succeeded = {name for name, code in json.loads(done.stdout).items() if not code}
    assert {"rename", "flock", "append", "write into what is there", "write at an offset", "set times"} <= succeeded


def test_children_are_refused_too(folders: tuple[Path, Path]) -> None:
    volume, _ = folders
    (volume / "a").write_text("a")
    for script in ("mv a b", "ln a b", "echo more >> a", "touch -d 2020-01-01 a"):
        done = run_strictly(volume, "sh", "-c", f"cd {volume} && {script}")
        assert done.returncode, script
    assert (volume / "a").read_text() == "a"
    assert run_strictly(volume, "sh", "-c", f"cd {volume} && cp a b && cat a b > c && rm a b").returncode == 0
    assert (volume / "c").read_text() == "aa"


LOOK = """
import json, os, sys
file = os.open(sys.argv[1] + "/a", os.O_RDONLY)
seen = [os.stat(sys.argv[1] + "/a"), os.fstat(file), next(os.scandir(sys.argv[1])).stat(), os.stat(sys.argv[1])]
print(json.dumps([status.st_mtime_ns for status in seen]))
"""


def test_times_are_whole_seconds_differ_between_machines_and_a_folders_says_nothing(folders: tuple[Path, Path]) -> None:
    volume, _ = folders
    (volume / "a").write_text("a")
    os.utime(volume / "a", ns=(0, 1_500_000_000_123_456_789))
    looks: list[Any] = [
        json.loads(run_strictly(volume, sys.executable, "-c", LOOK, str(volume), skew=skew).stdout) for skew in (0, 5)
    ]
    assert looks[0][:3] == [1_500_000_000 * 10**9] * 3
    assert looks[1][:3] == [1_500_000_005 * 10**9] * 3
    (volume / "b").write_text("b")
    later = json.loads(run_strictly(volume, sys.executable, "-c", LOOK, str(volume)).stdout)
    assert later[3] == looks[0][3]


def test_a_task_of_the_workspace_is_refused(client: SdkClient) -> None:
    code = "\n".join(
        [
            "import os, sys",
            "def main():",
            "    volume = sys.argv[1]",
            "    with open(volume + '/whole', 'w') as file:",
            "        file.write('yes')",
            "    os.rename(volume + '/whole', volume + '/renamed')",
        ]
    )
    wheel = build_wheel(client.workspace.folder, "renaming", code)
    path = f"{client.volume}/{wheel.name}"
    with wheel.open("rb") as content:
        client.api.files.upload(path, content)
    task = client.task(
        python_wheel_task=jobs.PythonWheelTask("renaming", "main", parameters=[f"{client.volume}/"]),
        libraries=[compute.Library(whl=path)],
    )
    run = client.workspace.runs[client.submit(task)].wait()
    assert run.result == "FAILED"
    assert "OSError: [Errno 38] Function not implemented" in run.tasks[0].stderr
    assert client.workspace.local_path(f"{client.volume}/whole").read_text() == "yes"
