"""Calls to a workspace that outlast a passing fault, and SQL through a warehouse."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from databricks.sdk import WorkspaceClient
from databricks.sdk.core import DatabricksError
from databricks.sdk.errors import (
    DeadlineExceeded,
    InternalError,
    NotFound,
    TemporarilyUnavailable,
    TooManyRequests,
)
from databricks.sdk.service.sql import StatementResponse, StatementState

from fitness_assets.errors import GovernanceError

T = TypeVar("T")
ATTEMPTS = 5
_PASSING = (InternalError, TemporarilyUnavailable, TooManyRequests, DeadlineExceeded, ConnectionError)


def patiently(call: Callable[[], T], first_pause: float = 0.5) -> T:
    """What `call` gives, tried again where the workspace fails for the moment. It must be safe to repeat."""
    for attempt in range(ATTEMPTS - 1):
        try:
            return call()
        except _PASSING:
            time.sleep(first_pause * 2**attempt)
    return call()


def or_none(call: Callable[[], T]) -> T | None:
    """What `call` gives, or None where there is no such thing."""
    try:
        return patiently(call)
    except NotFound:
        return None


class Sql:
    """Statements on one SQL warehouse."""

    def __init__(self, client: WorkspaceClient, warehouse: str) -> None:
        self._api = client.statement_execution
        self._warehouse = warehouse

    def run(self, statement: str) -> None:
        """Run one statement to its end. It is sent again after a passing fault, so it must be safe to repeat.

        Raises:
            GovernanceError: the warehouse refuses it; the message has the statement and the reason.
        """
        list(self.rows(statement))

    def rows(self, statement: str) -> Iterator[list[str]]:
        """The rows of a query, every value as text (null as None, whatever the SDK's types say)."""
        done = patiently(lambda: self._done(statement))
        result = done.result
        while result is not None:
            yield from result.data_array or []
            if result.next_chunk_index is None:
                return
            index, name = result.next_chunk_index, done.statement_id or ""
            result = patiently(lambda: self._api.get_statement_result_chunk_n(name, index))  # noqa: B023  called at once

    def _done(self, statement: str) -> StatementResponse:
        response = self._api.execute_statement(statement, self._warehouse, wait_timeout="30s")
        pause = 0.5
        while response.status and response.status.state in (StatementState.PENDING, StatementState.RUNNING):
            time.sleep(pause)
            pause = min(pause * 2, 5)
            name = response.statement_id or ""
            response = patiently(lambda: self._api.get_statement(name))  # noqa: B023  called at once
        state = response.status.state if response.status else None
        if state is not StatementState.SUCCEEDED:
            error = response.status.error if response.status else None
            why = error.message if error and error.message else f"it ended as {state.value if state else 'nothing'}"
            raise GovernanceError(f"The warehouse {self._warehouse} did not run `{statement}`: {why}")
        return response


def refused(error: DatabricksError, what: str) -> GovernanceError:
    """An answer of the workspace in one line."""
    said = str(error).splitlines()[0] if str(error) else repr(error)
    return GovernanceError(f"The workspace refused: {what}. {said}")
