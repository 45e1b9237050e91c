"""Rows on their way: few in this process, many in Spark; what changed, and what differs."""
