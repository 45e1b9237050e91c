"""Tables and notes that an earlier version made, and what this version does with them."""
