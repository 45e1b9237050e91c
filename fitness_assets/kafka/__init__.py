"""The broker as we see it: its settings, what it holds, what we have told it that we have read."""
