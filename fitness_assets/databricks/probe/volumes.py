"""What a mounted volume can do."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

from fitness_assets.databricks.probe.questions import Answer, Questions, Surroundings

_FILES = "https://docs.databricks.com/aws/files"
_NO_RENAME = "https://github.com/earth-mover/icechunk/issues/2341"
_NO_APPEND = "https://github.com/Lightning-AI/pytorch-lightning/issues/19479 (of DBFS)"
_NOTHING_SAID = "nothing found"
_CLOCKS_APART_SECONDS = 300
_TICK_SECONDS = 1.5
_SIZE = 3_000_000
_TIMES = "times_"

questions = Questions("volumes")


def _new(surroundings: Surroundings, name: str, content: bytes = b"content") -> Path:
    file = surroundings.folder / name
    file.write_bytes(content)
    return file


@questions.ask(
    expected=True,
    is_needed=True,
    source=_FILES,
    if_so="objects and landed files are whole sequential writes",
    if_not="nothing can be kept in this volume: look at the privilege WRITE VOLUME",
)
def whole_writes(surroundings: Surroundings) -> Answer:
    """A file that is written from its beginning to its end is read back as it was."""
    content = os.urandom(_SIZE)
    file = _new(surroundings, "whole", content)
    again = _new(surroundings, "whole", content[::-1])
    return Answer(file.read_bytes() == content[::-1] and again.stat().st_size == _SIZE, f"{_SIZE:,} bytes, twice")


@questions.ask(
    expected=True,
    source=_FILES,
    if_so="the newest write of an object is found by listing its folder",
    if_not="an update may go on from older progress: let one run at a time work on a catalog, and report this",
)
def listings(surroundings: Surroundings) -> Answer:
    """A folder lists at once what came and no longer what was removed."""
    folder = surroundings.folder / "listed"
    folder.mkdir()
    seen = []
    for number in range(20):
        _new(surroundings, f"listed/{number}")
        (folder / str(number - 1)).unlink(missing_ok=True)
        seen.append([file.name for file in folder.iterdir()] == [str(number)])
    return Answer(all(seen), f"{sum(seen)} of {len(seen)} listings")


@questions.ask(
    expected=False,
    source=_NO_RENAME,
    if_so="nothing: no part relies on it",
    if_not="nothing: no part relies on it",
)
def rename(surroundings: Surroundings) -> Answer:
    """A file can be renamed."""
    file = _new(surroundings, "before")
    file.rename(surroundings.folder / "after")
    return Answer((surroundings.folder / "after").read_bytes() == b"content" and not file.exists())


@questions.ask(
    expected=False,
    source=_NO_RENAME,
    if_so="nothing: no part relies on it",
    if_not="nothing: no part relies on it",
)
def link(surroundings: Surroundings) -> Answer:
    """A file can be linked."""
    (surroundings.folder / "linked").hardlink_to(_new(surroundings, "original"))
    return Answer(True)


@questions.ask(
    expected=False,
    source=_NO_APPEND,
    if_so="nothing: no part relies on it",
    if_not="nothing: no part relies on it",
)
def append(surroundings: Surroundings) -> Answer:
    """A file can be appended to."""
    file = _new(surroundings, "appended")
    with file.open("ab") as more:
        more.write(b" and more")
    return Answer(file.read_bytes() == b"content and more")


@questions.ask(
    expected=False,
    source=_NO_APPEND,
    if_so="nothing: no part relies on it",
    if_not="nothing: no part relies on it",
)
def writes_anywhere(surroundings: Surroundings) -> Answer:
    """A file can be written to in its middle."""
    file = _new(surroundings, "middle")
    with file.open("r+b") as opened:
        opened.seek(3)
        opened.write(b"X")
    return Answer(file.read_bytes() == b"conXent")


@questions.ask(
    expected=None,
    source=_NOTHING_SAID,
    if_so="nothing: a write lasts once its file is closed",
    if_not="nothing: a write lasts once its file is closed",
)
def fsync(surroundings: Surroundings) -> Answer:
    """A file can be synced."""
    with (surroundings.folder / "synced").open("wb") as file:
        file.write(b"content")
        file.flush()
        os.fsync(file.fileno())
    return Answer(True)


@questions.ask(
    expected=False,
    source=_NOTHING_SAID,
    if_so="nothing: leases lie on the machine, as a lock need not hold between two machines",
    if_not="nothing: leases lie on the machine",
)
def flock(surroundings: Surroundings) -> Answer:
    """A file can be locked."""
    with _new(surroundings, "locked").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return Answer(True)


@questions.ask(
    expected=False,
    source=_NOTHING_SAID,
    if_so="nothing: no part relies on it",
    if_not="nothing: files that an erasure writes anew have the modes of the volume",
)
def modes(surroundings: Surroundings) -> Answer:
    """A file's mode and time can be set."""
    file = _new(surroundings, "modes")
    file.chmod(0o640)
    os.utime(file, (1, 1))
    return Answer(file.stat().st_mode & 0o777 == 0o640 and file.stat().st_mtime == 1)


@questions.ask(
    expected=None,
    source=_NOTHING_SAID,
    if_so="land files by the Files API, which puts them at one stroke; one that was read half is read again",
    if_not="nothing: a file that lands by this mount is there whole or not at all",
)
def half_files(surroundings: Surroundings) -> Answer:
    """A reader sees a file that is still being written."""
    look = "import os, sys; print(os.path.getsize(sys.argv[1]) if os.path.exists(sys.argv[1]) else -1)"
    path = surroundings.folder / "half"
    with path.open("wb") as file:
        file.write(b"x" * _SIZE)
        file.flush()
        seen = subprocess.run([sys.executable, "-c", look, str(path)], capture_output=True, text=True, check=True)
    return Answer(int(seen.stdout) >= 0, f"{int(seen.stdout):,} of {_SIZE:,} bytes before the end")


@questions.ask(
    expected=True,
    source=_NOTHING_SAID,
    if_so="a file with another time is held against its digest",
    if_not="each update may read all landed files again: move those that were read out of the landing zone",
)
def file_times(surroundings: Surroundings) -> Answer:
    """A file's time is that of its writing and stays so."""
    file = _new(surroundings, f"{_TIMES}{surroundings.compute}")
    first = file.stat().st_mtime_ns
    time.sleep(_TICK_SECONDS)
    apart = abs(first / 1e9 - time.time())
    return Answer(
        file.stat().st_mtime_ns == first and apart < _CLOCKS_APART_SECONDS,
        f"{first} ns, {'whole seconds' if first % 10**9 == 0 else 'parts of seconds'}, {apart:.0f} s from our clock",
    )


@questions.ask(
    expected=True,
    source=_NOTHING_SAID,
    if_so="runs may change from one kind of compute to another",
    if_not="after a change of compute all landed files are read once more: keep FITNESS_COMPUTE as it is",
)
def same_times(surroundings: Surroundings) -> Answer:
    """Another kind of compute sees the same time of the same file."""
    marker = surroundings.folder.parent / f"{_TIMES}{surroundings.compute}"
    marker.write_bytes(b"times")
    seen = {surroundings.compute: marker.stat().st_mtime_ns}
    differing = []
    for other in surroundings.others:
        told = next((found.detail for found in other.findings if found.name == "volumes.same_times"), "")
        file = surroundings.folder.parent / f"{_TIMES}{other.compute}"
        if other.compute == surroundings.compute or not file.exists() or not told:
            continue
        seen[other.compute] = file.stat().st_mtime_ns
        if str(seen[other.compute]) not in told.replace(",", " ").split():
            differing.append(other.compute)
    compared = ", ".join(str(at) for at in seen.values())
    return Answer(not differing, f"{compared}, other than on {' and '.join(differing)}" if differing else compared)


@questions.ask(
    expected=None,
    source=_NOTHING_SAID,
    if_so="nothing: what lands from outside need not show in it; folders are listed each time",
    if_not="nothing: folders are listed each time",
)
def folder_times(surroundings: Surroundings) -> Answer:
    """A folder has another time once a file has come or gone."""
    folder = surroundings.folder / "folder"
    folder.mkdir()
    times = [folder.stat().st_mtime_ns]
    for change in (lambda: _new(surroundings, "folder/a"), (folder / "a").unlink):
        time.sleep(_TICK_SECONDS)
        change()
        times.append(folder.stat().st_mtime_ns)
    return Answer(len(set(times)) == len(times), f"{len(set(times)) - 1} of {len(times) - 1} changes seen")
