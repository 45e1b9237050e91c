"""What lies in the landing zone: which files are is_complete, whether any is new, how many records one has."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote, urlparse

from fitness_assets.contracts.feeds import FileFeed, FileFormat
from fitness_assets.transforms.bronze import REPLACEMENT_MARK

_LINE_ENDS = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True)
class FileVersion:
    """What tells one content of a file from another: bytes, and when it was written, in ns."""

    size: int
    modified: int


@dataclass(frozen=True)
class Listing:
    """The is_complete files of a landing folder now, by name.

    Attributes:
        fingerprint: changes whenever a file comes, goes or is replaced.
    """

    files: Mapping[str, FileVersion]
    fingerprint: str

    @property
    def empty(self) -> list[str]:
        """The names of those without content."""
        return [name for name, stamp in self.files.items() if stamp.size == 0]


def list_files(path: Path, folder: FileFeed) -> Listing:
    """List the is_complete files; others, and files in folders below, are left alone."""
    files = dict(_complete_files(path, folder))
    return Listing(files, _fingerprint(files.items()))


def fingerprint(path: Path, folder: FileFeed) -> str:
    """The fingerprint alone; a folder of a million files takes seconds, and no memory."""
    return _fingerprint(_complete_files(path, folder))


def _complete_files(path: Path, folder: FileFeed) -> Iterator[tuple[str, FileVersion]]:
    if not path.is_dir():
        return
    with os.scandir(path) as entries:
        for entry in entries:
            if is_complete(entry.name, folder) and entry.is_file():
                try:
                    status = entry.stat()
                except FileNotFoundError:
                    continue
                yield entry.name, FileVersion(status.st_size, status.st_mtime_ns)


def _fingerprint(files: Iterable[tuple[str, FileVersion]]) -> str:
    """A sum of hashes, so that the order of the files, which the file system gives as it likes, does not matter."""
    count = total = 0
    for name, stamp in files:
        told = f"{name}\0{stamp.size}\0{stamp.modified}".encode(errors="surrogateescape")
        total += int.from_bytes(hashlib.blake2b(told, digest_size=16).digest(), "big")
        count += 1
    return f"{count}-{total % (1 << 128):032x}"


def is_complete(name: str, folder: FileFeed) -> bool:
    """Whether a file of this name is the folder's and no longer being written."""
    return not name.startswith(("_", ".")) and fnmatchcase(name, f"*.{folder.format.value}")


def count_records(file: Path, folder: FileFeed) -> int:
    """How many records a landed file has; a file that cannot be read at all counts as one."""
    content = file.read_bytes()
    lines = _LINE_ENDS.split(content.removeprefix(b"\xef\xbb\xbf"))
    if folder.format is FileFormat.CSV:
        header = lines[0].replace(b" ", b"").replace(b'"', b"")
        if header != folder.header.encode() or b"\0" in content:
            return 1
        return sum(1 for line in lines[1:] if line.strip(b" "))
    return sum(1 for line in lines if line.strip(b" ")) if content else 1


def local_path(source_file: str) -> Path:
    """The path of a `source_file`, which is a URI."""
    return Path(unquote(urlparse(source_file).path))


def replacement(source_file: str) -> int:
    """When the content that a `source_file` stands for replaced another, in ms; 0 for a file's first content."""
    return int(source_file.partition(REPLACEMENT_MARK)[2] or 0)
