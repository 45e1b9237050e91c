"""Telling a write that lost against another one from every other failure."""

from collections.abc import Iterator
from contextlib import contextmanager

from deltalake.exceptions import CommitFailedError
from pyspark.errors import PySparkException

from fitness_assets.contracts.model import Table
from fitness_assets.errors import ConcurrentWriteError


@contextmanager
def conflicts_as_errors(table: Table) -> Iterator[None]:
    """Turn Delta's concurrency failures, and no others, into `ConcurrentWriteError`."""
    try:
        yield
    except CommitFailedError as error:
        raise lost_write(table) from error
    except PySparkException as error:
        if "DELTA_CONCURRENT" in str(error) or ".Concurrent" in str(error):
            raise lost_write(table) from error
        raise


def lost_write(table: Table) -> ConcurrentWriteError:
    return ConcurrentWriteError(f"Another writer changed {table.full_name} while it was being updated.")
