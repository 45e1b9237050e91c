"""The catalog: the desired state, the actual one, their difference, and what applies and verifies it."""
