"""One warm Spark engine for all runs."""
