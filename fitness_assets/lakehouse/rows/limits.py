"""From how many rows on Spark does what this process does for fewer."""

LOCAL_ROWS = 50_000
"""Up to here rows are held in this process: one Spark job less to write them and one less to read them."""
SMALL_TABLE_ROWS = 20_000
"""Up to here a table is read in this process and handed to Spark, which spares Spark two jobs."""
SMALL_CHANGE_ROWS = 50_000
"""Up to here a change feed is read in this process."""
PRUNING_MIN_ROWS = 500_000
"""Up to here reading all of a table is cheaper than a query with new literals, which Spark has to compile anew."""
ROWS_PER_FILE = 125_000
"""A file that holds a changed row is written anew: with fewer rows there are more files, with more each change costs
more."""
ROWS_PER_STRETCH = 1_000_000
"""So many rows are put in the table's order at a time, in memory where there is enough."""
ROWS_PER_APPENDED_FILE = 1_000_000
"""Of tables that are only appended to, whose files nobody writes anew."""
ROWS_PER_BATCH = 50_000
"""So many rows of a large table are held in this process at a time."""
MAX_SMALL_FILES = 64
"""Each small update adds a file to a table; more are put together."""
MAX_COMPACTED_ROWS = 1_000_000
"""So many rows are held in memory while files are put together."""
