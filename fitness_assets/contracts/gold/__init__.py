"""Gold: what people read."""
