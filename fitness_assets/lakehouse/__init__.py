"""The only code that touches Delta: where a table lies, create, read, what changed, keyed writes."""
