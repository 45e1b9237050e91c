"""Tables in a catalog (Unity Catalog, `catalog.schema.table`). Everything goes through Spark's SQL."""
