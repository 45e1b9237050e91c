"""Bronze: what landed, and what a broker holds, appended once."""
