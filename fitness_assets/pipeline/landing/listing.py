"""Which files lie in the landing zone: those that are read, and those that are left alone and why."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from fitness_assets.contracts.feeds import GZIP_SUFFIX, FileFeed
from fitness_assets.pipeline.landing.names import zone_name, zone_path
from fitness_assets.settings import Settings
from fitness_assets.storage import is_volume

_UNFINISHED_PREFIXES = ("_", ".")
_UNFINISHED_SUFFIX = ".tmp"
_LEFT_ALONE = 100


@dataclass(frozen=True)
class FileVersion:
    """What hints that a file has another content than before.

    Attributes:
        modified: when it says that it was written, ns.
        changed: when the file system noted its last change, ns; 0 on a volume, where this promises nothing.
    """

    size: int
    modified: int
    changed: int = 0


@dataclass(frozen=True)
class FileListing:
    """The files of a feed now.

    Attributes:
        files: the complete ones, by their names within the feed's folder.
        left_alone: what is not read, by name, and why.
        fingerprint: changes whenever a file comes, goes or may have changed.
        folders: when each folder last changed, ns, by its path; on a volume none, as there it promises nothing.
    """

    files: Mapping[str, FileVersion]
    left_alone: Mapping[str, str]
    fingerprint: str
    folders: Mapping[bytes, int]

    def some_left_alone(self) -> dict[str, str]:
        """As many as people look at; the others are counted."""
        some = dict(islice(sorted(self.left_alone.items()), _LEFT_ALONE))
        more = len(self.left_alone) - len(some)
        return some | ({"…": f"and {more:,} more"} if more else {})


def feed_folder(settings: Settings, feed: FileFeed) -> Path:
    """Where the files of a feed land."""
    return settings.landing_zone / feed.name


def list_files(folder: Path, feed: FileFeed) -> FileListing:
    """List the files below a folder, at any depth; what is still being written is passed over."""
    walk = _Walk(feed, is_volume=is_volume(folder))
    files = dict(walk.files(os.fsencode(folder)))
    return FileListing(files, walk.left_alone, _fingerprint(files.items()), walk.folders)


def file_version(folder: Path, name: str) -> FileVersion | None:
    """What hints that one file has another content than before; None where it is not there."""
    try:
        status = os.lstat(zone_path(folder, name))
    except OSError:
        return None
    changed = 0 if is_volume(folder) else status.st_ctime_ns
    return FileVersion(status.st_size, status.st_mtime_ns, changed)


def scan_folder(folder: Path, feed: FileFeed) -> FileListing:
    """The same without the files themselves; a folder of a million files takes seconds, and no memory."""
    walk = _Walk(feed, is_volume=is_volume(folder))
    return FileListing({}, walk.left_alone, _fingerprint(walk.files(os.fsencode(folder))), walk.folders)


def modified_ns(folder: bytes) -> int:
    """When a folder last changed.

    Raises:
        OSError: it cannot be asked.
    """
    return os.stat(folder).st_mtime_ns  # noqa: PTH116  # a Path is text, and a name need be none


def is_of_no_files(fingerprint: str) -> bool:
    """Whether a fingerprint is that of a folder without files."""
    return fingerprint.startswith("0-")


def is_unfinished(name: str) -> bool:
    """Whether a file or folder of this name is still being written, and nobody's business."""
    return name.startswith(_UNFINISHED_PREFIXES) or name.lower().endswith(_UNFINISHED_SUFFIX)


class _Walk:
    """One walk through the folders of a feed."""

    def __init__(self, feed: FileFeed, is_volume: bool) -> None:
        self._feed = feed
        self._is_volume = is_volume
        self.left_alone: dict[str, str] = {}
        self.folders: dict[bytes, int] = {}

    def files(self, root: bytes) -> Iterator[tuple[str, FileVersion]]:
        """The complete files, by their names within the root."""
        folders = [b""]
        while folders:
            prefix = folders.pop()
            for entry in self._entries(root, prefix):
                name = prefix + entry.name
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    self.left_alone[zone_name(name)] = _reason(error)
                    continue
                if stat.S_ISDIR(status.st_mode):
                    folders.append(name + b"/")
                elif reason := self._reason_to_leave(entry.name, status.st_mode):
                    self.left_alone[zone_name(name)] = reason
                else:
                    changed = 0 if self._is_volume else status.st_ctime_ns
                    yield zone_name(name), FileVersion(status.st_size, status.st_mtime_ns, changed)

    def _entries(self, root: bytes, prefix: bytes) -> list["os.DirEntry[bytes]"]:
        """What lies in a folder and is not still being written."""
        folder = root + b"/" + prefix
        try:
            # The time first: what comes meanwhile makes it another one.
            modified = modified_ns(folder)
            self.folders |= {} if self._is_volume else {folder: modified}
            with os.scandir(folder) as entries:
                return [entry for entry in entries if not is_unfinished(zone_name(entry.name))]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.left_alone[zone_name(prefix) or "."] = _reason(error)
            return []

    def _reason_to_leave(self, name: bytes, mode: int) -> str:
        if stat.S_ISLNK(mode):
            return "a link"
        if not stat.S_ISREG(mode):
            return "no plain file"
        if not self._feed.reads(zone_name(name)):
            endings = [f"{suffix}{more}" for suffix in self._feed.suffixes for more in ("", GZIP_SUFFIX)]
            return f"its name ends with none of {', '.join(endings)}"
        return ""


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "no permission"
    return f"it cannot be looked at: {error.strerror}"


def _fingerprint(files: Iterable[tuple[str, FileVersion]]) -> str:
    """A sum of hashes, so that the order of the files does not matter."""
    count = total = 0
    for name, version in files:
        line = f"{name}\0{version.size}\0{version.modified}\0{version.changed}".encode()
        total += int.from_bytes(hashlib.blake2b(line, digest_size=16).digest(), "big")
        count += 1
    return f"{count}-{total % (1 << 128):032x}"
