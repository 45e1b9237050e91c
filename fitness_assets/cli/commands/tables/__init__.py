"""Commands of tables: up to date, looked at, checked, kept, cleaned, and people in them forgotten."""
