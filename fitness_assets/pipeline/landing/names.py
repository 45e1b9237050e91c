"""The name by which a file of the landing zone is known, and where it lies: names may be any bytes."""

import os
import re
from pathlib import Path

_ESCAPED = re.compile(rb"\\(\\|x[0-9a-f]{2})")


def zone_name(path: bytes) -> str:
    r"""The name of a path within the zone: the path itself where it is UTF-8.

    Other bytes stand as `\x…`, and a backslash is doubled, so that no two files have the same name.
    """
    return path.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def zone_path(root: Path, name: str) -> bytes:
    """Where the file of a name lies."""
    path = _ESCAPED.sub(lambda match: b"\\" if match[1] == b"\\" else bytes([int(match[1][1:], 16)]), name.encode())
    return os.fsencode(root) + b"/" + path
