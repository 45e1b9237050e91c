"""How long Dagster remembers runs, events, logs and ticks; what it shows as the latest of an asset stays."""
