"""What an update leaves for the next one: progress, ingested files, locks; what has landed, and whether sums hold."""
