"""SQL through a warehouse, and what the workspace answers to a call."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from databricks.sdk.core import DatabricksError
from databricks.sdk.errors import NotFound
from databricks.sdk.service.sql import StatementResponse, StatementState

from fitness_assets.databricks.client import Client
from fitness_assets.errors import GovernanceError, WorkspaceError

T = TypeVar("T")


def or_none(call: Callable[[], T]) -> T | None:
    """What `call` gives, or None where there is no such thing."""
    try:
        return call()
    except NotFound:
        return None


class Sql:
    """Statements on one SQL warehouse."""

    def __init__(self, client: Client, warehouse: str) -> None:
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
        done = self._done(statement)
        result = done.result
        while result is not None:
            yield from result.data_array or []
            if result.next_chunk_index is None:
                return
            index, name = result.next_chunk_index, done.statement_id or ""
            result = self._api.get_statement_result_chunk_n(name, index)

    def _done(self, statement: str) -> StatementResponse:
        response = self._api.execute_statement(statement, self._warehouse, wait_timeout="30s")
        pause = 0.5
        while response.status and response.status.state in (StatementState.PENDING, StatementState.RUNNING):
            time.sleep(pause)
            pause = min(pause * 2, 5)
            name = response.statement_id or ""
            response = self._api.get_statement(name)
        state = response.status.state if response.status else None
        if state is not StatementState.SUCCEEDED:
            error = response.status.error if response.status else None
            why = error.message if error and error.message else f"it ended as {state.value if state else 'nothing'}"
            raise GovernanceError(f"The warehouse {self._warehouse} did not run `{statement}`: {why}")
        return response


def refused(error: DatabricksError | WorkspaceError, what: str) -> GovernanceError:
    """An answer of the workspace in one line."""
    said = str(error).splitlines()[0] if str(error) else repr(error)
    return GovernanceError(f"The workspace refused: {what}. {said}")
