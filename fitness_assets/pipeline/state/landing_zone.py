"""What lies in the landing zone: which files are complete, whether any is new, how many records one has."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote, urlparse

from fitness_assets.contracts.feeds import FileFeed, FileFormat
from fitness_assets.settings import Settings
from fitness_assets.transforms.bronze import REPLACEMENT_MARK

_LINE_ENDS = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True)
class FileVersion:
    """What tells one content of a file from another: bytes, and when it was written, in ns."""

    size: int
    modified: int


@dataclass(frozen=True)
class FileListing:
    """The complete files of a feed now, by name.

    Attributes:
        fingerprint: changes whenever a file comes, goes or is replaced.
    """

    files: Mapping[str, FileVersion]
    fingerprint: str

    @property
    def empty_files(self) -> list[str]:
        """The names of those without content."""
        return [name for name, version in self.files.items() if version.size == 0]


def feed_folder(settings: Settings, feed: FileFeed) -> Path:
    """Where the files of a feed land."""
    return settings.landing_zone / feed.name


def list_files(folder: Path, feed: FileFeed) -> FileListing:
    """List the complete files; others, and files in folders below, are left alone."""
    files = dict(_complete_files(folder, feed))
    return FileListing(files, _fingerprint(files.items()))


def fingerprint(folder: Path, feed: FileFeed) -> str:
    """The fingerprint alone; a folder of a million files takes seconds, and no memory."""
    return _fingerprint(_complete_files(folder, feed))


def is_of_no_files(fingerprint: str) -> bool:
    """Whether a fingerprint is that of a folder without files."""
    return fingerprint.startswith("0-")


def is_complete(name: str, feed: FileFeed) -> bool:
    """Whether a file of this name is the feed's and no longer being written."""
    return not name.startswith(("_", ".")) and fnmatchcase(name, f"*.{feed.format.value}")


def count_records(file: Path, feed: FileFeed) -> int:
    """How many records a landed file has; a file that cannot be read at all counts as one."""
    content = file.read_bytes()
    lines = _LINE_ENDS.split(content.removeprefix(b"\xef\xbb\xbf"))
    if feed.format is FileFormat.CSV:
        header = lines[0].replace(b" ", b"").replace(b'"', b"")
        if header != feed.header.encode() or b"\0" in content:
            return 1
        return sum(1 for line in lines[1:] if line.strip(b" "))
    return sum(1 for line in lines if line.strip(b" ")) if content else 1


def local_path(source_file: str) -> Path:
    """The path of a `source_file`, which is a URI."""
    return Path(unquote(urlparse(source_file).path))


def replaced_at(source_file: str) -> int:
    """When the content that a `source_file` stands for replaced another, in ms; 0 for a file's first content."""
    return int(source_file.partition(REPLACEMENT_MARK)[2] or 0)


def _complete_files(folder: Path, feed: FileFeed) -> Iterator[tuple[str, FileVersion]]:
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_complete(entry.name, feed) and entry.is_file():
                try:
                    status = entry.stat()
                except FileNotFoundError:
                    continue
                yield entry.name, FileVersion(status.st_size, status.st_mtime_ns)


def _fingerprint(files: Iterable[tuple[str, FileVersion]]) -> str:
    """A sum of hashes, so that the order of the files, which the file system gives as it likes, does not matter."""
    count = total = 0
    for name, version in files:
        line = f"{name}\0{version.size}\0{version.modified}".encode(errors="surrogateescape")
        total += int.from_bytes(hashlib.blake2b(line, digest_size=16).digest(), "big")
        count += 1
    return f"{count}-{total % (1 << 128):032x}"
