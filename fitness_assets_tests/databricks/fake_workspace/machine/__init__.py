"""The machine that a task runs on: its paths, its installed wheels, its process."""
