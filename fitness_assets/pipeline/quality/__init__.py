"""Whether the tables are right: checks, previews, and what to do when one is not."""
