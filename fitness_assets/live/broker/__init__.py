"""Apache Kafka itself on loopback, and who may talk to it."""
