"""The dashboard: what an operator, a coach, an analyst and an engineer look at. Reads the tables without Spark."""
