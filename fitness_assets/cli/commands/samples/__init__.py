"""Commands that make data up: a history, and people who train now."""
