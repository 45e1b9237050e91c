"""`/api/2.0/fs`: files and directories of Unity Catalog volumes."""

import email.utils
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fitness_assets_tests.databricks.workspace.messages import Answer, ApiError, Request, invalid

if TYPE_CHECKING:
    from fitness_assets_tests.databricks.workspace.workspace import Workspace

MOST_LISTED = 1000


def _path(workspace: "Workspace", request: Request, kind: str) -> tuple[str, Path]:
    """The path as it was given, and the real one.

    Raises:
        ApiError: It lies in no volume.
    """
    given = request.path.split(f"/fs/{kind}", 1)[1].rstrip("/")
    found = re.fullmatch(r"/Volumes/([^/]+)/([^/]+)/([^/]+)(/.*)?", given)
    if not found or ".." in given.split("/") or "\0" in given:
        raise invalid(f"Invalid path: {given} is no path of a volume, /Volumes/<catalog>/<schema>/<volume>/<path>.")
    real = workspace.path(given)
    if not workspace.path("/".join(given.split("/")[:5])).is_dir():
        raise ApiError(404, "NOT_FOUND", f"Volume '{'.'.join(found.groups()[:3])}' does not exist.")
    return given, real


def get_file(workspace: "Workspace", request: Request) -> Answer:
    """The bytes of a file, from `Range` on where one is given; for HEAD the headers alone."""
    _, real = _path(workspace, request, "files")
    try:
        content, changed = real.read_bytes(), real.stat().st_mtime
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise ApiError(
            404, "NOT_FOUND", "The file being accessed is not found.", "FILES_API_FILE_IS_NOT_FOUND"
        ) from None
    headers = {
        "Content-Type": "application/octet-stream",
        "Last-Modified": email.utils.formatdate(changed, usegmt=True),
        "Accept-Ranges": "bytes",
    }
    part = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if not part:
        return Answer(200, content, headers)
    start, end = int(part[1]), int(part[2] or len(content) - 1)
    headers["Content-Range"] = f"bytes {start}-{min(end, len(content) - 1)}/{len(content)}"
    return Answer(206, content[start : end + 1], headers)


def put_file(workspace: "Workspace", request: Request) -> Answer:
    """Writes a file whole, with the directories above it."""
    given, real = _path(workspace, request, "files")
    if real.is_dir():
        raise ApiError(409, "ALREADY_EXISTS", f"{given} is a directory.")
    if request.query.get("overwrite") == "false" and real.exists():
        raise ApiError(409, "ALREADY_EXISTS", "The file being created already exists.")
    real.parent.mkdir(parents=True, exist_ok=True)
    # Moved into place: a reader beside it never sees half a file.
    fresh = real.with_name(f".{real.name}.{workspace.next_id()}.tmp")
    fresh.write_bytes(request.content)
    fresh.replace(real)
    return Answer(204)


def delete_file(workspace: "Workspace", request: Request) -> Answer:
    """Deletes a file."""
    _, real = _path(workspace, request, "files")
    try:
        real.unlink()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError):
        raise ApiError(
            404, "NOT_FOUND", "The file being accessed is not found.", "FILES_API_FILE_IS_NOT_FOUND"
        ) from None
    return Answer(204)


def _directory(workspace: "Workspace", request: Request) -> tuple[str, Path]:
    given, real = _path(workspace, request, "directories")
    if not real.is_dir():
        raise ApiError(
            404, "NOT_FOUND", "The directory being accessed is not found.", "FILES_API_DIRECTORY_IS_NOT_FOUND"
        )
    return given, real


def list_directory(workspace: "Workspace", request: Request) -> Answer:
    """A page of a directory's entries, by name."""
    given, real = _directory(workspace, request)
    size = min(request.number("page_size", 0) or MOST_LISTED, workspace.most_listed)
    if size < 1:
        raise invalid(f"page_size must not be negative: {size}")
    after = request.query.get("page_token", "")
    names = sorted(entry.name for entry in os.scandir(real) if entry.name > after)
    body: dict[str, Any] = {"contents": [_entry(given, real / name) for name in names[:size]]}
    if len(names) > size:
        body["next_page_token"] = names[size - 1]
    return Answer(body=body)


def _entry(given: str, real: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": f"{given}/{real.name}", "name": real.name, "is_directory": real.is_dir()}
    if not real.is_dir():
        entry |= {"file_size": real.stat().st_size, "last_modified": real.stat().st_mtime_ns // 1_000_000}
    return entry


def head_directory(workspace: "Workspace", request: Request) -> Answer:
    """Whether a directory is there."""
    _directory(workspace, request)
    return Answer(200)


def put_directory(workspace: "Workspace", request: Request) -> Answer:
    """Makes a directory and those above it; there already is as good."""
    _, real = _path(workspace, request, "directories")
    try:
        real.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ApiError(409, "ALREADY_EXISTS", "A file already exists at this path.") from None
    return Answer(204)


def delete_directory(workspace: "Workspace", request: Request) -> Answer:
    """Deletes a directory which is empty."""
    _, real = _directory(workspace, request)
    if any(real.iterdir()):
        raise ApiError(
            400, "INVALID_PARAMETER_VALUE", "The directory is not empty.", "FILES_API_DIRECTORY_IS_NOT_EMPTY"
        )
    shutil.rmtree(real)
    return Answer(204)
