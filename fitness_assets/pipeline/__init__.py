"""How a table is brought up to date from what changed."""
