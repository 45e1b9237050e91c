"""Content with its checksum behind it: whoever reads it knows whether it is whole, although nothing was renamed."""

import hashlib

CHECKSUM_BYTES = 32


def sealed(content: bytes) -> bytes:
    """The content with its checksum behind it."""
    return content + hashlib.sha256(content).digest()


class Seal:
    """The checksum of content that comes in pieces."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def passed(self, piece: bytes) -> bytes:
        """The piece, which now is in the checksum."""
        self._hash.update(piece)
        return piece

    def checksum(self) -> bytes:
        """What stands behind the content."""
        return self._hash.digest()


def unsealed(written: bytes) -> bytes | None:
    """The content of what was written, None where it is not whole."""
    content, checksum = written[:-CHECKSUM_BYTES], written[-CHECKSUM_BYTES:]
    return content if hashlib.sha256(content).digest() == checksum else None
