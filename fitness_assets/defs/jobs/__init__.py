"""The jobs: all tables once, all tables for as long as the run lasts, the extraction, and maintenance."""
