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
from databricks.sdk.errors.platform import (
    DeadlineExceeded,
    InternalError,
    NotFound,
    TemporarilyUnavailable,
    TooManyRequests,
)

from fitness_assets.databricks.errors import first_line
from fitness_assets.errors import WorkspaceError

log = logging.getLogger("fitness_assets")

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_T = TypeVar("_T")
_TRANSIENT_ERRORS = (
    *(InternalError, TemporarilyUnavailable, TooManyRequests, DeadlineExceeded),
    *(requests.RequestException, TimeoutError, ConnectionError),
)


class RetryingApiClient(ApiClient):
    """The SDK's client, with all of its calls tried again until `retry_seconds` are over."""

    def __init__(self, config: Config, retry_seconds: float) -> None:
        super().__init__(config)
        self._host = config.host
        self._retry_seconds = retry_seconds

    def do(self, method: str, path: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """One call.

        Raises:
            WorkspaceError: it did not succeed in time.
            DatabricksError: the workspace refuses it; trying again would not help.
        """
        body = kwargs.get("data")
        attempts = 0

        def call() -> Any:
            nonlocal attempts
            attempts += 1
            if body is not None and hasattr(body, "seek"):
                body.seek(0)
            try:
                return ApiClient.do(self, method, path, *args, **kwargs)
            except NotFound:
                if method == "DELETE" and attempts > 1:
                    return {}  # the answer to the first attempt was lost, not its effect
                raise

        return call_with_retry(call, self._retry_seconds, f"{method} {path} of {self._host}")


def call_with_retry(call: Callable[[], _T], retry_seconds: float, action: str) -> _T:
    """Call until it succeeds or `retry_seconds` are over.

    Args:
        action: what the call does, for the log and the error.

    Raises:
        WorkspaceError: it did not succeed in time.
    """
    deadline, pause = time.monotonic() + retry_seconds, _FIRST_PAUSE_SECONDS
    while True:
        try:
            return call()
        except _TRANSIENT_ERRORS as error:
            retry_after = float(getattr(error, "retry_after_secs", None) or 0)
            wait = max(pause * random.uniform(0.5, 1.0), retry_after)
            if time.monotonic() + wait > deadline:
                raise WorkspaceError(
                    f"The Databricks workspace does not do {action}: {first_line(error)}. It was tried for "
                    f"{retry_seconds:.0f} s. Look at the network and at the workspace's status, then start again."
                ) from error
            log.info("%s: %s. Trying again in %.1f s.", action, first_line(error), wait)
            time.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
