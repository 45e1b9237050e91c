"""Reading the tables without Spark: the one part of the dashboard that knows the lakehouse."""
