"""What an update leaves for the next one: progress, ingested files, pending work, locks."""
