"""Streams that take what is there and end."""

from pyspark.sql.streaming.query import StreamingQuery


def await_end(query: StreamingQuery) -> None:
    """Wait until a stream has ended by itself; an interrupt ends it."""
    try:
        query.awaitTermination()
    finally:
        if query.isActive:
            query.stop()
