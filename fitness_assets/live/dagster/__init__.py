"""Dagster on this machine: its instance, its services, and what its web server answers."""
