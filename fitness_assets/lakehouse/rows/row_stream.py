"""Rows that come a table at a time, for writers that read a stream of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa


class RowStream:
    """A stream of rows.

    Attributes:
        reader: gives the rows, once.
    """

    def __init__(self, schema: pa.Schema, tables: Iterator[pa.Table]) -> None:
        self._tables = tables
        self._failure: Exception | None = None
        self.reader = pa.RecordBatchReader.from_batches(schema, self._batches(schema))

    @contextmanager
    def failures_raised(self) -> Iterator[None]:
        """Raise what went wrong while the rows were made, which a writer in another language only quotes."""
        try:
            yield
        except Exception as error:  # whatever it is, it is raised; what made the rows fail says more
            if self._failure is None:
                raise
            raise self._failure from error

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        try:
            for table in self._tables:
                yield from table.cast(schema).to_batches()
        except Exception as error:  # raised again; kept for whoever waits behind the writer
            self._failure = error
            raise
