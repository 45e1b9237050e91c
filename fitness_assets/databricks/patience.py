"""A client of the workspace that outlasts a bad network: 429, 5xx and lost connections are tried again, longer apart.

What is sent twice must do no harm: runs are submitted with an idempotency token, files are written whole, and what
governance changes is the same however often it is said.
"""

import logging
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests
from databricks.sdk.core import ApiClient, Config
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.errors.platform import (
    DeadlineExceeded,
    InternalError,
    NotFound,
    TemporarilyUnavailable,
    TooManyRequests,
)

from fitness_assets.errors import WorkspaceError

log = logging.getLogger("fitness_assets")

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_T = TypeVar("_T")
_PASSES = (InternalError, TemporarilyUnavailable, TooManyRequests, DeadlineExceeded)


class PatientApi(ApiClient):
    """The SDK's client, with all of its calls tried again until `patience` seconds are over."""

    def __init__(self, config: Config, patience: float) -> None:
        super().__init__(config)
        self._host = config.host
        self._patience = patience

    def do(self, method: str, path: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """One call.

        Raises:
            WorkspaceError: it did not succeed in time.
            DatabricksError: the workspace refuses it; trying again would not help.
        """
        body = kwargs.get("data")
        tries = 0

        def call() -> Any:
            nonlocal tries
            tries += 1
            if body is not None and hasattr(body, "seek"):
                body.seek(0)
            try:
                return ApiClient.do(self, method, path, *args, **kwargs)
            except NotFound:
                if method == "DELETE" and tries > 1:
                    return {}  # the answer to the first try was lost, not its effect
                raise

        return patiently(call, self._patience, f"{method} {path} of {self._host}")


def patiently(call: Callable[[], _T], patience: float, what: str) -> _T:
    """Call until it succeeds or `patience` seconds are over.

    Raises:
        WorkspaceError: it did not succeed in time.
    """
    until, pause = time.monotonic() + patience, _FIRST_PAUSE_SECONDS
    while True:
        try:
            return call()
        except (DatabricksError, requests.RequestException, TimeoutError, ConnectionError) as error:
            if not _passes(error):
                raise
            wait = max(pause * random.uniform(0.5, 1.0), _asked_to_wait(error))
            if time.monotonic() + wait > until:
                raise WorkspaceError(
                    f"The Databricks workspace does not do {what}: {_first_line(error)}. It was tried for "
                    f"{patience:.0f} s. Look at the network and at the workspace's status, then start again."
                ) from error
            log.info("%s: %s. Trying again in %.1f s.", what, _first_line(error), wait)
            time.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _passes(error: Exception) -> bool:
    if isinstance(error, DatabricksError):
        return isinstance(error, _PASSES)
    return True


def _asked_to_wait(error: Exception) -> float:
    return float(getattr(error, "retry_after_secs", None) or 0)


def _first_line(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and error.__cause__ is not None:
        error = error.__cause__  # the SDK says only that its time was over, and this is why
    return (str(error).strip() or repr(error)).splitlines()[0]
