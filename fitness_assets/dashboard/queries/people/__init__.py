"""People: who they are in groups, how many come, and each of them."""
