"""What Dagster hands to the assets."""
