"""A small Unity Catalog, its warehouse and its directory over HTTP; it refuses what Databricks refuses.

`FakeServer` is what a test opens. Imports go from who there is (`principals`) by what the catalog holds (`catalog`) and
the SQL that changes it (`sql`) to the calls (`*handlers`) and the server on top.
"""
