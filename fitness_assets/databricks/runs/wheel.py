"""Our wheel as it goes to the workspace: its version ends in a hash of its content.

A cluster keeps a wheel whose version it has already, so another content under the same version would never run.
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_HASH_LENGTH = 12


def stamped_wheel(wheel: Path) -> tuple[str, bytes]:
    """The name and the content of the wheel under a version of its own; the same content always has the same."""
    content = wheel.read_bytes()
    # A part of a version that is all digits would lose its leading zeros.
    stamp = f"h{hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]}"
    package, version, *tags = wheel.name.removesuffix(".whl").split("-")
    stamped = f"{version}{'.' if '+' in version else '+'}{stamp}"
    rewritten = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(rewritten, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for info, member in _stamped_members(source, f"{package}-{version}.dist-info", version, stamped):
            target.writestr(info, member)
    return f"{'-'.join([package, stamped, *tags])}.whl", rewritten.getvalue()


def wheel_version(path: str) -> str:
    """The version in the name of a wheel."""
    return PurePosixPath(path).name.split("-")[1]


def _stamped_members(
    source: zipfile.ZipFile, folder: str, version: str, stamped: str
) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """The members of the wheel, those that name the version with the new one."""
    new_folder = folder.replace(f"-{version}.", f"-{stamped}.")
    metadata = source.read(f"{folder}/METADATA").replace(
        f"\nVersion: {version}\n".encode(), f"\nVersion: {stamped}\n".encode(), 1
    )
    for old in source.infolist():
        member = source.read(old)
        if old.filename == f"{folder}/METADATA":
            member = metadata
        elif old.filename == f"{folder}/RECORD":
            member = _stamped_record(member.decode(), folder, new_folder, metadata).encode()
        info = zipfile.ZipInfo(old.filename.replace(f"{folder}/", f"{new_folder}/", 1), old.date_time)
        info.compress_type, info.external_attr = old.compress_type, old.external_attr
        yield info, member


def _stamped_record(record: str, folder: str, new_folder: str, metadata: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(metadata).digest()).rstrip(b"=").decode()
    lines = []
    for line in record.splitlines():
        if line.startswith(f"{folder}/METADATA,"):
            line = f"{folder}/METADATA,sha256={digest},{len(metadata)}"
        lines.append(line.replace(f"{folder}/", f"{new_folder}/", 1))
    return "\n".join(lines) + "\n"
