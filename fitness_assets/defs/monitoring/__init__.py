"""What Dagster knows of itself and of the tables, for whoever is on call."""
