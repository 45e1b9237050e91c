"""What engines raise where the rows of a table cannot be read: a data file is damaged, or gone."""

import duckdb
import pyarrow as pa

from fitness_assets.lakehouse.spark.failures import ENGINE_FAILURES

READ_FAILURES: tuple[type[Exception], ...] = (*ENGINE_FAILURES, pa.ArrowException, duckdb.Error, OSError)
