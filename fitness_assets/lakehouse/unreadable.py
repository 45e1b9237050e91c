"""What engines raise where the rows of a table cannot be read: a data file is damaged, or gone."""

import duckdb
import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

READ_FAILURES: tuple[type[Exception], ...] = (PySparkException, Py4JError, pa.ArrowException, duckdb.Error, OSError)
