"""Silver, gold and quarantine: tables that are computed from versions of other tables."""
