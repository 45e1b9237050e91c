"""The bytes of a landed file, in pieces: what is held in memory does not follow the file."""

import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, cast

from fitness_assets.contracts.feeds import GZIP_SUFFIX
from fitness_assets.pipeline.landing.names import zone_path
from fitness_assets.transforms.records.file_judge import KEPT_OF_FILE

MAX_FILE_BYTES = 8 * 1024**3
"""Of a file that is longer, unpacked where it is packed, nothing is read."""
_CHUNK_BYTES = 4 * 1024 * 1024
_DIGEST_BYTES = 16


class FileUnreadableError(Exception):
    """A file cannot be read at all.

    Attributes:
        reason: one of `FILE_ERRORS`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FileVanishedError(Exception):
    """A file is no longer there, or is no plain file any more."""


class FileChangedError(Exception):
    """A file was written to while it was read.

    Attributes:
        name: its name within the feed's folder.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Reader(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _Hashing:
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: IO[bytes], update: Callable[[bytes], None]) -> None:
        self._file = file
        self._update = update

    def read(self, size: int = -1, /) -> bytes:
        content = self._file.read(size)
        self._update(content)
        return content


class LandedFile:
    """One file of a feed, open for reading.

    It is read twice: once to its end before anything of it is used, so that no part is taken of a file that cannot be
    read whole.

    Attributes:
        digest: what its bytes are, as a text, once it was verified.
        beginning: its first bytes, unpacked.
    """

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name = name
        self.digest = ""
        self.beginning = b""
        self._file = file
        self._before = os.fstat(file.fileno())
        self._is_packed = name.lower().endswith(GZIP_SUFFIX)
        self._is_one_piece = self._before.st_size <= _CHUNK_BYTES and not self._is_packed
        self._content: bytes | None = None

    def verify(self) -> None:
        """Read it to its end.

        Raises:
            FileUnreadableError: it cannot be read, or is too large.
            FileChangedError: it was written to meanwhile.
        """
        digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
        for number, chunk in enumerate(self._read(digest.update)):
            if number == 0:
                self.beginning = chunk[:KEPT_OF_FILE]
                self._content = chunk if self._is_one_piece else None
        self.digest = digest.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        """What is in it, unpacked.

        Raises:
            FileChangedError: it was written to since it was verified, or can no longer be read.
        """
        if self._content is not None:
            yield self._content
            return
        try:
            yield from self._read(lambda _: None)
        except FileUnreadableError as error:
            raise FileChangedError(self.name) from error

    def unverified_chunks(self) -> Iterator[bytes]:
        """What is in it, unpacked, for those who use nothing of it until they were given all.

        Raises:
            FileUnreadableError: it cannot be read, or is too large; pieces of it may have been given.
            FileChangedError: it was written to meanwhile.
        """
        return self._read(lambda _: None)

    def _read(self, update: Callable[[bytes], None]) -> Iterator[bytes]:
        if not self._is_packed and self._before.st_size > MAX_FILE_BYTES:
            raise FileUnreadableError("file_too_large")
        self._file.seek(0)
        hashing, size = _Hashing(self._file, update), 0
        source: _Reader = gzip.GzipFile(fileobj=cast(IO[bytes], hashing)) if self._is_packed else hashing
        try:
            while chunk := source.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > MAX_FILE_BYTES:
                    raise FileUnreadableError("file_too_large")
                yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileUnreadableError("bad_gzip") from error
        except OSError as error:
            raise FileUnreadableError("unreadable_file") from error
        now = os.fstat(self._file.fileno())
        if (now.st_size, now.st_mtime_ns) != (self._before.st_size, self._before.st_mtime_ns):
            raise FileChangedError(self.name)


@contextmanager
def open_file(folder: Path, name: str) -> Iterator[LandedFile]:
    """Open a file of a feed's folder. Links are not followed, and nothing is waited for.

    Raises:
        FileUnreadableError: it may not be read.
        FileVanishedError: it is no longer there.
    """
    try:
        descriptor = os.open(zone_path(folder, name), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except PermissionError as error:
        raise FileUnreadableError("no_permission") from error
    except OSError as error:
        if not os.path.lexists(zone_path(folder, name)):
            raise FileVanishedError(name) from error
        raise FileUnreadableError("unreadable_file") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileVanishedError(name)
        yield LandedFile(name, file)
