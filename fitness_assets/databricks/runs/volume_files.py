"""Files and folders of a volume through the Files API."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, cast

from dagster_databricks.pipes import delete_volume_directory_recursive
from databricks.sdk.errors.platform import NotFound
from databricks.sdk.service.files import FilesAPI

from fitness_assets.databricks.retry import call_with_retry

_READ_WITHIN_SECONDS = 60.0


def list_files(files: FilesAPI, folder: str) -> Iterator[tuple[str, int]]:
    """The names and sizes of the files directly in a folder; none where there is no such folder."""
    try:
        for entry in files.list_directory_contents(folder):
            if not entry.is_directory:
                yield entry.name or "", entry.file_size or 0
    except NotFound:
        return


def list_folders(files: FilesAPI, folder: str) -> list[str]:
    """The names of the folders directly in a folder; none where there is no such folder."""
    try:
        return [entry.name or "" for entry in files.list_directory_contents(folder) if entry.is_directory]
    except NotFound:
        return []


def walk_files(
    files: FilesAPI, folder: str, is_left_out: Callable[[str], bool], prefix: str = ""
) -> Iterator[tuple[str, int]]:
    """The names, relative to the folder, and sizes of the files at any depth below it.

    Args:
        is_left_out: whether a file or folder of this name is passed over.
    """
    try:
        for entry in files.list_directory_contents(folder):
            name = entry.name or ""
            if is_left_out(name):
                continue
            if entry.is_directory:
                yield from walk_files(files, f"{folder}/{name}", is_left_out, f"{prefix}{name}/")
            else:
                yield f"{prefix}{name}", entry.file_size or 0
    except NotFound:
        return


def read_file(files: FilesAPI, path: str) -> bytes:
    """The content of a file; a connection that is cut while it comes is tried again.

    Raises:
        NotFound: it is not there.
        WorkspaceError: the workspace does not answer.
    """

    def read() -> bytes:
        with cast(Any, files.download(path).contents) as contents:
            return cast(bytes, contents.read())

    return call_with_retry(read, _READ_WITHIN_SECONDS, f"the reading of {path}")


def remove_folder(files: FilesAPI, folder: str) -> None:
    """Remove a folder with all that is in it, which another run may be doing too."""
    with suppress(NotFound):
        delete_volume_directory_recursive(files, folder)
