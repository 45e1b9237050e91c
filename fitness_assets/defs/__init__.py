"""Thin Dagster wiring: everything here comes from the contracts."""
