"""The same updates as runs on a Databricks workspace."""
