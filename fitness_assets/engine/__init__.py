"""The Spark engine: a Java, the jars, and a session in this process or on a server."""
