"""What the machine may do to us: power cuts, killed writers, damaged files."""
