"""Which role sees what: grants, masks, and the views that people read."""
