"""What lies in the landing zone: which files are complete, whether any is new, how many records one has."""

import hashlib
import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote, urlparse

from fitness_assets.contracts.landing import Folder, Format

_LINE_ENDS = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True)
class Listing:
    """The complete files of a landing folder now.

    Attributes:
        fingerprint: changes whenever a file comes, goes or is replaced.
        empty: the names of those without content.
    """

    files: int
    fingerprint: str
    empty: tuple[str, ...]


def listing(path: Path, folder: Folder) -> Listing:
    """List the complete files; others, and files in folders below, are left alone."""
    digest = hashlib.sha256()
    found: list[tuple[str, int, int]] = []
    if path.is_dir():
        with os.scandir(path) as entries:
            for entry in entries:
                if complete(entry.name, folder) and entry.is_file():
                    status = entry.stat()
                    found.append((entry.name, status.st_size, status.st_mtime_ns))
    for name, size, modified in sorted(found):
        digest.update(f"{name}\0{size}\0{modified}\0".encode(errors="surrogateescape"))
    return Listing(len(found), digest.hexdigest(), tuple(name for name, size, _ in found if size == 0))


def complete(name: str, folder: Folder) -> bool:
    """Whether a file of this name is the folder's and no longer being written."""
    return not name.startswith(("_", ".")) and fnmatchcase(name, f"*.{folder.format.value}")


def records_of(file: Path, folder: Folder) -> int:
    """How many records a landed file has; a file that cannot be read at all counts as one."""
    content = file.read_bytes()
    lines = _LINE_ENDS.split(content.removeprefix(b"\xef\xbb\xbf"))
    if folder.format is Format.CSV:
        header = lines[0].replace(b" ", b"").replace(b'"', b"")
        if header != folder.header.encode() or b"\0" in content:
            return 1
        return sum(1 for line in lines[1:] if line.strip(b" "))
    return sum(1 for line in lines if line.strip(b" ")) if content else 1


def local_path(source_file: str) -> Path:
    """The path of a `source_file`, which Spark gives as a URI."""
    return Path(unquote(urlparse(source_file).path))
