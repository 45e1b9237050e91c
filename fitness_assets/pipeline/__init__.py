"""How tables are brought up to date from what changed."""
