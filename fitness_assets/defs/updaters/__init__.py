"""Updates where `FITNESS_TARGET` says: in this process, or as one run on a Databricks workspace."""
