"""One commit to the log of a table in a folder, after the protocol of Delta's transaction log.

Only tables whose protocol asks nothing of a writer but the change data feed are written so (`Snapshot.is_plain`); any
other is left to Spark.
"""

import json
import logging
import os
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from deltalake.exceptions import CommitFailedError, DeltaError

from fitness_assets.lakehouse.local.commits.checkpoints import write_checkpoint
from fitness_assets.lakehouse.local.commits.data_files import WrittenFile
from fitness_assets.lakehouse.local.log_files import commit_file, log_folder
from fitness_assets.lakehouse.local.snapshot import DataFile
from fitness_assets.storage import sync_folder

log = logging.getLogger("fitness_assets")

CHECKPOINT_INTERVAL = 20
_SAFE_IN_PATHS = "/=-_.~"


class Transaction:
    """What one commit adds to a table and takes from it. Data files are on the disk before it is made.

    As a context it takes the files that were written for it away where what is within fails.

    Args:
        table: the table's folder.
        base: the version it is made from, after which nobody else may have committed.
        changes_data: whether rows are other ones afterwards.
    """

    def __init__(self, table: Path, base: int, changes_data: bool = True) -> None:
        self._table = table
        self._base = base
        self._changes_data = changes_data
        self._now = int(time.time() * 1000)
        self._actions: list[dict[str, Any]] = []
        self._written: list[str] = []
        self._content = ""

    def __enter__(self) -> "Transaction":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.abandon()

    def add(self, file: WrittenFile) -> None:
        self._take(file, "add", modificationTime=self._now, dataChange=self._changes_data, stats=file.statistics)

    def add_change_data(self, file: WrittenFile) -> None:
        """What the change data feed tells of this commit, in the place of what its other files say."""
        self._take(file, "cdc", dataChange=False)

    def remove(self, file: DataFile) -> None:
        self._actions.append(
            {
                "remove": {
                    "path": quote(file.path, safe=_SAFE_IN_PATHS),
                    "deletionTimestamp": self._now,
                    "dataChange": self._changes_data,
                    "extendedFileMetadata": True,
                    "partitionValues": dict(file.partition),
                    "size": file.bytes,
                }
            }
        )

    def set_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Give the table other columns."""
        self._actions.append({"metaData": dict(metadata)})

    def commit(
        self, operation: str, parameters: Mapping[str, str], metrics: Mapping[str, int], user_metadata: str | None
    ) -> None:
        """Make the commit.

        Args:
            parameters: as texts, lists as JSON.

        Raises:
            CommitFailedError: another writer was faster; nothing of this commit is left.
        """
        info: dict[str, Any] = {
            "timestamp": self._now,
            "operation": operation,
            "operationParameters": dict(parameters),
            "readVersion": self._base,
            "isolationLevel": "Serializable",
            "isBlindAppend": False,
            "operationMetrics": {name: str(value) for name, value in metrics.items()},
            "engineInfo": "fitness_assets",
            "txnId": str(uuid.uuid4()),
        }
        if user_metadata is not None:
            info["userMetadata"] = user_metadata
        lines = [json.dumps(action, ensure_ascii=False) + "\n" for action in [{"commitInfo": info}, *self._actions]]
        self._content = "".join(lines)
        self._sync_folders()
        try:
            put_if_absent(self._commit_file, self._content)
        except FileExistsError as error:
            self.abandon()
            raise CommitFailedError(
                f"Version {self._base + 1} of {self._table} was written by somebody else."
            ) from error
        if (self._base + 1) % CHECKPOINT_INTERVAL == 0:
            try:
                write_checkpoint(self._table, self._base + 1)
            except (DeltaError, OSError) as error:
                # The commit is made; the next checkpoint has what this one would have.
                log.warning("%s has no checkpoint of version %s: %s", self._table, self._base + 1, error)

    def abandon(self) -> None:
        """Take away the files that were written for it; once the commit is there they are the table's, whatever failed
        then."""
        if self._content and self._commit_file.exists() and self._commit_file.read_text() == self._content:
            return
        for path in self._written:
            (self._table / path).unlink(missing_ok=True)

    @property
    def _commit_file(self) -> Path:
        return commit_file(log_folder(self._table), self._base + 1)

    def _take(self, file: WrittenFile, kind: str, **more: Any) -> None:
        self._written.append(file.path)
        path = quote(file.path, safe=_SAFE_IN_PATHS)
        self._actions.append({kind: {"path": path, "partitionValues": dict(file.partition), "size": file.size, **more}})

    def _sync_folders(self) -> None:
        folders = {(self._table / path).parent for path in self._written}
        for folder in sorted({*folders, *(self._table for _ in folders)}):
            sync_folder(folder)


def put_if_absent(file: Path, content: str) -> None:
    """Write a file that appears whole, and lasts, or not at all.

    Raises:
        FileExistsError: it is there.
    """
    unfinished = file.with_name(f"_{uuid.uuid4().hex}.tmp")
    try:
        with unfinished.open("w", encoding="utf-8") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.link(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(file.parent)
