"""Whether the tables are right: checks, reconciliation, validation, and what to do when one is not."""
