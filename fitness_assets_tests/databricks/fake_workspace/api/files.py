"""`/api/2.0/fs`: files and directories of Unity Catalog volumes."""

import email.utils
import os
import re
import shutil
from pathlib import Path
from typing import Any

from fitness_assets_tests.databricks.fake_workspace.http_messages import ApiError, Request, Response, invalid
from fitness_assets_tests.databricks.fake_workspace.state import MAX_DIRECTORY_PAGE, WorkspaceState


def _paths(workspace: WorkspaceState, request: Request, endpoint: str) -> tuple[str, Path]:
    """The path in the volume, and the real one.

    Raises:
        ApiError: It lies in no volume.
    """
    volume_path = request.path.split(f"/fs/{endpoint}", 1)[1].rstrip("/")
    match = re.fullmatch(r"/Volumes/([^/]+)/([^/]+)/([^/]+)(/.*)?", volume_path)
    if not match or ".." in volume_path.split("/") or "\0" in volume_path:
        raise invalid(
            f"Invalid path: {volume_path} is no path of a volume, /Volumes/<catalog>/<schema>/<volume>/<path>."
        )
    if not workspace.local_path("/".join(volume_path.split("/")[:5])).is_dir():
        raise ApiError(404, "NOT_FOUND", f"Volume '{'.'.join(match.groups()[:3])}' does not exist.")
    return volume_path, workspace.local_path(volume_path)


def _file_not_found() -> ApiError:
    return ApiError(404, "NOT_FOUND", "The file being accessed is not found.", "FILES_API_FILE_IS_NOT_FOUND")


def get_file(workspace: WorkspaceState, request: Request) -> Response:
    """The bytes of a file, from `Range` on where one is given; for HEAD the headers alone."""
    _, path = _paths(workspace, request, "files")
    try:
        content, modified = path.read_bytes(), path.stat().st_mtime
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise _file_not_found() from None
    headers = {
        "Content-Type": "application/octet-stream",
        "Last-Modified": email.utils.formatdate(modified, usegmt=True),
        "Accept-Ranges": "bytes",
    }
    byte_range = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if not byte_range:
        return Response(200, content, headers)
    start, end = int(byte_range[1]), int(byte_range[2] or len(content) - 1)
    headers["Content-Range"] = f"bytes {start}-{min(end, len(content) - 1)}/{len(content)}"
    return Response(206, content[start : end + 1], headers)


MAX_FILE_BYTES = 5 * 1024**3


def put_file(workspace: WorkspaceState, request: Request) -> Response:
    """Writes a file whole, with the directories above it."""
    volume_path, path = _paths(workspace, request, "files")
    if len(request.content) > MAX_FILE_BYTES:
        raise ApiError(
            413, "REQUEST_TOO_LARGE", f"{volume_path} is larger than a file may be that is sent in one piece."
        )
    if path.is_dir():
        raise ApiError(409, "ALREADY_EXISTS", f"{volume_path} is a directory.")
    if request.query.get("overwrite") == "false" and path.exists():
        raise ApiError(409, "ALREADY_EXISTS", "The file being created already exists.")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Moved into place: a reader beside it never sees half a file.
    temporary = path.with_name(f".{path.name}.{workspace.next_id()}.tmp")
    temporary.write_bytes(request.content)
    temporary.replace(path)
    return Response(204)


def delete_file(workspace: WorkspaceState, request: Request) -> Response:
    """Deletes a file."""
    _, path = _paths(workspace, request, "files")
    try:
        path.unlink()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError):
        raise _file_not_found() from None
    return Response(204)


def _existing_directory(workspace: WorkspaceState, request: Request) -> tuple[str, Path]:
    volume_path, path = _paths(workspace, request, "directories")
    if not path.is_dir():
        raise ApiError(
            404, "NOT_FOUND", "The directory being accessed is not found.", "FILES_API_DIRECTORY_IS_NOT_FOUND"
        )
    return volume_path, path


def list_directory(workspace: WorkspaceState, request: Request) -> Response:
    """A page of a directory's entries, by name."""
    volume_path, path = _existing_directory(workspace, request)
    size = min(request.number("page_size", 0) or MAX_DIRECTORY_PAGE, workspace.max_directory_page)
    if size < 1:
        raise invalid(f"page_size must not be negative: {size}")
    after = request.query.get("page_token", "")
    names = sorted(entry.name for entry in os.scandir(path) if entry.name > after)
    body: dict[str, Any] = {"contents": [_entry(volume_path, path / name) for name in names[:size]]}
    if len(names) > size:
        body["next_page_token"] = names[size - 1]
    return Response(body=body)


def _entry(directory: str, path: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": f"{directory}/{path.name}", "name": path.name, "is_directory": path.is_dir()}
    if not path.is_dir():
        entry |= {"file_size": path.stat().st_size, "last_modified": int(path.stat().st_mtime) * 1000}
    return entry


def head_directory(workspace: WorkspaceState, request: Request) -> Response:
    """Whether a directory is there."""
    _existing_directory(workspace, request)
    return Response(200)


def put_directory(workspace: WorkspaceState, request: Request) -> Response:
    """Makes a directory and those above it; there already is as good."""
    _, path = _paths(workspace, request, "directories")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ApiError(409, "ALREADY_EXISTS", "A file already exists at this path.") from None
    return Response(204)


def delete_directory(workspace: WorkspaceState, request: Request) -> Response:
    """Deletes a directory which is empty."""
    _, path = _existing_directory(workspace, request)
    if any(path.iterdir()):
        raise ApiError(
            400, "INVALID_PARAMETER_VALUE", "The directory is not empty.", "FILES_API_DIRECTORY_IS_NOT_EMPTY"
        )
    shutil.rmtree(path)
    return Response(204)
