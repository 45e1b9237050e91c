"""What every table is. No Dagster, no Spark: a contract can be read by anything."""
