"""SQL through a warehouse of the workspace."""

import time
from collections.abc import Iterator

from databricks.sdk.service.sql import StatementResponse, StatementState

from fitness_assets.databricks.client import Client
from fitness_assets.errors import GovernanceError

_FIRST_POLL_SECONDS = 0.5
_LONGEST_POLL_SECONDS = 5.0


class SqlWarehouse:
    """Statements on one SQL warehouse."""

    def __init__(self, client: Client, warehouse_id: str) -> None:
        self._api = client.statement_execution
        self._warehouse_id = warehouse_id

    def execute(self, statement: str) -> None:
        """Run one statement to its end. It is sent again after a passing fault, so it must be safe to repeat.

        Raises:
            GovernanceError: the warehouse refuses it; the message has the statement and the reason.
        """
        list(self.fetch(statement))

    def fetch(self, query: str) -> Iterator[list[str]]:
        """The rows of a query, every value as text (null as None, whatever the SDK's types say)."""
        yield from self._rows(self._finished(query))

    def fetch_by_name(self, query: str) -> Iterator[dict[str, str]]:
        """The same, each value by the name of its column."""
        response = self._finished(query)
        schema = response.manifest.schema if response.manifest else None
        names = [str(column.name) for column in (schema.columns if schema else None) or []]
        for row in self._rows(response):
            yield dict(zip(names, row, strict=True))

    def _rows(self, response: StatementResponse) -> Iterator[list[str]]:
        chunk = response.result
        while chunk is not None:
            yield from chunk.data_array or []
            if chunk.next_chunk_index is None:
                return
            chunk = self._api.get_statement_result_chunk_n(response.statement_id or "", chunk.next_chunk_index)

    def _finished(self, statement: str) -> StatementResponse:
        response = self._api.execute_statement(statement, self._warehouse_id, wait_timeout="30s")
        pause = _FIRST_POLL_SECONDS
        while response.status and response.status.state in (StatementState.PENDING, StatementState.RUNNING):
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_POLL_SECONDS)
            response = self._api.get_statement(response.statement_id or "")
        state = response.status.state if response.status else None
        if state is not StatementState.SUCCEEDED:
            error = response.status.error if response.status else None
            reason = error.message if error and error.message else f"it ended as {state.value if state else 'nothing'}"
            raise GovernanceError(f"The warehouse {self._warehouse_id} did not run `{statement}`: {reason}")
        return response
