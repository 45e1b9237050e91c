"""Bronze: every record that landed, exactly once, nothing dropped."""
