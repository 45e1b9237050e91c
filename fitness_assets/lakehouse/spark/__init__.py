"""What Spark does for the lakehouse: its session, reading, writing."""
