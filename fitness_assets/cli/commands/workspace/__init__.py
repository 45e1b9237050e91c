"""Commands of a Databricks workspace."""
