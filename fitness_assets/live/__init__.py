"""The live stack on one machine: broker, engine, Dagster and producer as child processes."""
