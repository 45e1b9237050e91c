"""A Dagster asset-graph data platform for wearable fitness data."""
