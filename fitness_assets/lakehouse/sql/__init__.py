"""Conditions and queries, in the SQL of DuckDB, Spark and DataFusion."""
