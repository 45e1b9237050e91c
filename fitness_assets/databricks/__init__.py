"""The platform on a Databricks workspace: governance and policies as code."""
