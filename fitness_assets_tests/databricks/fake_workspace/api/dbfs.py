"""`/api/2.0/dbfs`: what the stock Pipes client of Databricks calls for its context, messages and logs."""

import base64
import shutil
from pathlib import Path
from typing import Any

from fitness_assets_tests.databricks.fake_workspace.http_messages import ApiError, Request, Response, invalid
from fitness_assets_tests.databricks.fake_workspace.state import WorkspaceState

MAX_READ_BYTES = 1024 * 1024


def _local_path(workspace: WorkspaceState, dbfs_path: Any) -> Path:
    path = str(dbfs_path or "").removeprefix("dbfs:")
    if not path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise invalid(f"Path must be absolute: {path}")
    return workspace.dbfs / path.lstrip("/")


def _existing_path(workspace: WorkspaceState, dbfs_path: Any) -> Path:
    path = _local_path(workspace, dbfs_path)
    if not path.exists():
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"No file or directory exists on path {dbfs_path}.")
    return path


def _already_exists(dbfs_path: Any) -> ApiError:
    message = f"A file or directory already exists at the input path {dbfs_path}."
    return ApiError(400, "RESOURCE_ALREADY_EXISTS", message)


def _info(workspace: WorkspaceState, path: Path) -> dict[str, Any]:
    return {
        "path": f"/{path.relative_to(workspace.dbfs)}",
        "is_dir": path.is_dir(),
        "file_size": 0 if path.is_dir() else path.stat().st_size,
        "modification_time": path.stat().st_mtime_ns // 1_000_000,
    }


def mkdirs(workspace: WorkspaceState, request: Request) -> Response:
    """Makes a directory and those above it."""
    dbfs_path = request.json.get("path")
    try:
        _local_path(workspace, dbfs_path).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise _already_exists(dbfs_path) from None
    return Response(body={})


def put(workspace: WorkspaceState, request: Request) -> Response:
    """Writes a file of at most 1 MB, given as base64."""
    body = request.json
    path = _local_path(workspace, body.get("path"))
    if path.exists() and not body.get("overwrite"):
        raise _already_exists(body.get("path"))
    try:
        content = base64.b64decode(body.get("contents", ""), validate=True)
    except (TypeError, ValueError) as error:
        raise invalid(f"contents is no base64: {error}") from None
    if len(content) > MAX_READ_BYTES:
        raise ApiError(400, "MAX_BLOCK_SIZE_EXCEEDED", f"More than {MAX_READ_BYTES} bytes of content.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Response(body={})


def read(workspace: WorkspaceState, request: Request) -> Response:
    """A part of a file, as base64."""
    path = _existing_path(workspace, request.query.get("path"))
    if path.is_dir():
        raise invalid(f"Cannot read a directory: {request.query.get('path')}")
    start, length = request.number("offset", 0), min(request.number("length", MAX_READ_BYTES // 2), MAX_READ_BYTES)
    part = path.read_bytes()[start : start + length]
    return Response(body={"bytes_read": len(part), "data": base64.b64encode(part).decode()})


def delete(workspace: WorkspaceState, request: Request) -> Response:
    """Deletes a file, or a directory with `recursive`. What is not there is deleted."""
    body = request.json
    path = _local_path(workspace, body.get("path"))
    if path.is_dir():
        if any(path.iterdir()) and not body.get("recursive"):
            raise ApiError(400, "IO_ERROR", f"Cannot delete the non-empty directory {body.get('path')}.")
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return Response(body={})


def get_status(workspace: WorkspaceState, request: Request) -> Response:
    """What is at a path."""
    return Response(body=_info(workspace, _existing_path(workspace, request.query.get("path"))))


def list_files(workspace: WorkspaceState, request: Request) -> Response:
    """The entries of a directory, or the file itself."""
    path = _existing_path(workspace, request.query.get("path"))
    entries = sorted(path.iterdir()) if path.is_dir() else [path]
    return Response(body={"files": [_info(workspace, entry) for entry in entries]} if entries else {})
