"""Silver: keyed tables, functions of the set of bronze records."""
