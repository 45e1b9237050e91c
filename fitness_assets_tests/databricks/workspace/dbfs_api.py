"""`/api/2.0/dbfs`: what the stock Pipes client of Databricks calls for its context, messages and logs."""

import base64
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fitness_assets_tests.databricks.workspace.messages import Answer, ApiError, Request, invalid

if TYPE_CHECKING:
    from fitness_assets_tests.databricks.workspace.workspace import Workspace

MOST_READ = 1024 * 1024


def _path(workspace: "Workspace", given: Any) -> Path:
    path = str(given or "").removeprefix("dbfs:")
    if not path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise invalid(f"Path must be absolute: {path}")
    return workspace.dbfs / path.lstrip("/")


def _there(workspace: "Workspace", given: Any) -> Path:
    real = _path(workspace, given)
    if not real.exists():
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", f"No file or directory exists on path {given}.")
    return real


def _exists(given: Any) -> ApiError:
    return ApiError(400, "RESOURCE_ALREADY_EXISTS", f"A file or directory already exists at the input path {given}.")


def _info(workspace: "Workspace", real: Path) -> dict[str, Any]:
    return {
        "path": f"/{real.relative_to(workspace.dbfs)}",
        "is_dir": real.is_dir(),
        "file_size": 0 if real.is_dir() else real.stat().st_size,
        "modification_time": real.stat().st_mtime_ns // 1_000_000,
    }


def mkdirs(workspace: "Workspace", request: Request) -> Answer:
    """Makes a directory and those above it."""
    given = request.json.get("path")
    try:
        _path(workspace, given).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise _exists(given) from None
    return Answer(body={})


def put(workspace: "Workspace", request: Request) -> Answer:
    """Writes a file of at most 1 MB, given as base64."""
    body = request.json
    real = _path(workspace, body.get("path"))
    if real.exists() and not body.get("overwrite"):
        raise _exists(body.get("path"))
    try:
        content = base64.b64decode(body.get("contents", ""), validate=True)
    except (TypeError, ValueError) as error:
        raise invalid(f"contents is no base64: {error}") from None
    if len(content) > MOST_READ:
        raise ApiError(400, "MAX_BLOCK_SIZE_EXCEEDED", f"More than {MOST_READ} bytes of content.")
    real.parent.mkdir(parents=True, exist_ok=True)
    real.write_bytes(content)
    return Answer(body={})


def read(workspace: "Workspace", request: Request) -> Answer:
    """A part of a file, as base64."""
    real = _there(workspace, request.query.get("path"))
    if real.is_dir():
        raise invalid(f"Cannot read a directory: {request.query.get('path')}")
    start, length = request.number("offset", 0), min(request.number("length", MOST_READ // 2), MOST_READ)
    part = real.read_bytes()[start : start + length]
    return Answer(body={"bytes_read": len(part), "data": base64.b64encode(part).decode()})


def delete(workspace: "Workspace", request: Request) -> Answer:
    """Deletes a file, or a directory with `recursive`. What is not there is deleted."""
    body = request.json
    real = _path(workspace, body.get("path"))
    if real.is_dir():
        if any(real.iterdir()) and not body.get("recursive"):
            raise ApiError(400, "IO_ERROR", f"Cannot delete the non-empty directory {body.get('path')}.")
        shutil.rmtree(real)
    else:
        real.unlink(missing_ok=True)
    return Answer(body={})


def get_status(workspace: "Workspace", request: Request) -> Answer:
    """What is at a path."""
    return Answer(body=_info(workspace, _there(workspace, request.query.get("path"))))


def list_files(workspace: "Workspace", request: Request) -> Answer:
    """The entries of a directory, or the file itself."""
    real = _there(workspace, request.query.get("path"))
    entries = sorted(real.iterdir()) if real.is_dir() else [real]
    return Answer(body={"files": [_info(workspace, entry) for entry in entries]} if entries else {})
