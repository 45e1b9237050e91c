"""Content with its checksum behind it: whoever reads it knows whether it is whole, although nothing was renamed."""

import hashlib

CHECKSUM_BYTES = 32


def sealed(content: bytes) -> bytes:
    """The content with its checksum behind it."""
    return content + hashlib.sha256(content).digest()


def unsealed(written: bytes) -> bytes | None:
    """The content of what was written, None where it is not whole."""
    content, checksum = written[:-CHECKSUM_BYTES], written[-CHECKSUM_BYTES:]
    return content if hashlib.sha256(content).digest() == checksum else None
