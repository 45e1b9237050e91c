"""Whether the numbers can be trusted: rejected records, checks, the state of each table, and Kafka's lag."""
